import { type FrameCodec, frameCodec, type TypeDescriptor } from '@millrace/core'

/** What the frames of a keyed snapshot hold. Reused for all tables, so its fields may hold anything. */
export class SnapshotEntry {
  key: unknown
  value: unknown

  constructor(key: unknown, value: unknown) {
    this.key = key
    this.value = value
  }
}

// The first instances show V8 that both fields may hold numbers as well as objects.
new SnapshotEntry(0.5, 0.5)
new SnapshotEntry(null, null)

/** The codec of entries; `valueType` is `undefined` in a table of keys without values. */
export function entryCodec(
  keyType: TypeDescriptor,
  valueType: TypeDescriptor | undefined,
): FrameCodec<SnapshotEntry> {
  const key = { name: 'key', type: keyType }
  const fields = valueType === undefined ? [key] : [key, { name: 'value', type: valueType }]
  return frameCodec({ kind: 'record', fields }) as FrameCodec<SnapshotEntry>
}
