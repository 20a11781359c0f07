import { crc32 } from 'node:zlib'
import { MillraceError } from '@millrace/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CheckpointMetadata, StateHandle } from './checkpoint-metadata.ts'
import { decodeMetadata, encodeMetadata, METADATA_FORMAT_VERSION } from './metadata-format.ts'

const WHERE = 'checkpoints/chk-7/_metadata'

/** Records as literals make them; by default fast-check mixes in some without a prototype. */
function plain<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<T>
}

const wholeNumber = fc.nat({ max: Number.MAX_SAFE_INTEGER })

const handle: fc.Arbitrary<StateHandle> = fc.oneof(
  plain({ kind: fc.constant('inline' as const), bytes: fc.uint8Array({ maxLength: 40 }) }),
  plain({
    kind: fc.constant('file' as const),
    path: fc.string(),
    offset: wholeNumber,
    sizeBytes: wholeNumber,
    crc32: fc.nat({ max: 0xffff_ffff }),
  }),
)

const slotName = fc.oneof(
  fc.constantFrom('keyed', 'operator', 'source', '__proto__', 'constructor'),
  fc.string(),
)

const operator = plain({
  uid: fc.oneof(fc.string({ unit: 'binary' }), fc.constant('\ud800')),
  name: fc.string(),
  kind: fc.string(),
  maxParallelism: fc.integer({ min: 1, max: 32_768 }),
  subtasks: fc.array(
    plain({ isFinished: fc.boolean(), slots: fc.array(fc.tuple(slotName, handle)) }),
    { maxLength: 4 },
  ),
  enumerator: fc.option(fc.jsonValue(), { nil: undefined }),
}).map(({ subtasks, enumerator, ...facts }) => ({
  ...facts,
  ...(enumerator !== undefined && { enumerator: JSON.parse(JSON.stringify(enumerator)) as never }),
  parallelism: subtasks.length,
  subtasks: subtasks.map(({ isFinished, slots }, subtaskIndex) => ({
    subtaskIndex,
    isFinished,
    slots: Object.fromEntries(slots),
  })),
}))

const metadata: fc.Arbitrary<CheckpointMetadata> = plain({
  formatVersion: fc.constant(METADATA_FORMAT_VERSION),
  checkpointId: wholeNumber,
  kind: fc.constantFrom('checkpoint', 'savepoint', 'final'),
  triggeredAtMs: wholeNumber,
  completedAtMs: wholeNumber,
  jobName: fc.string(),
  graphHash: fc.string(),
  oldestOwnId: fc.option(wholeNumber, { nil: undefined }),
  operators: fc.array(operator, { maxLength: 4 }),
}).map(({ oldestOwnId, ...facts }) => ({
  ...facts,
  ...(oldestOwnId !== undefined && { oldestOwnId }),
}))

const SMALL: CheckpointMetadata = {
  formatVersion: METADATA_FORMAT_VERSION,
  checkpointId: 7,
  kind: 'checkpoint',
  triggeredAtMs: 1000,
  completedAtMs: 1200,
  jobName: 'words',
  graphHash: 'ab12',
  operators: [
    {
      uid: 'count',
      name: 'count words',
      kind: 'process',
      parallelism: 1,
      maxParallelism: 128,
      subtasks: [
        {
          subtaskIndex: 0,
          isFinished: false,
          slots: { keyed: { kind: 'inline', bytes: Uint8Array.of(1, 2, 3) } },
        },
      ],
    },
  ],
}

describe('checkpoint metadata', () => {
  test('when it is written and read, then it is the same', () => {
    fc.assert(
      fc.property(metadata, (written) => {
        expect(decodeMetadata(encodeMetadata(written), WHERE)).toEqual(written)
      }),
    )
  })

  test('when it was read, then its inline bytes do not hold on to the file', () => {
    const bytes = encodeMetadata(SMALL)
    const handle = decodeMetadata(bytes, WHERE).operators[0]?.subtasks[0]?.slots['keyed']
    bytes.fill(0)
    expect(handle).toStrictEqual({ kind: 'inline', bytes: Uint8Array.of(1, 2, 3) })
    expect(handle?.kind === 'inline' && handle.bytes.buffer.byteLength).toBe(3)
  })

  test('when it is of format 1, without enumerators, then it is read', () => {
    const bytes = Buffer.from(encodeMetadata({ ...SMALL, jobName: 'old' }))
    bytes.writeUInt32LE(1, 8)
    bytes.writeUInt32LE(crc32(bytes.subarray(0, -4)), bytes.length - 4)
    expect(decodeMetadata(bytes, WHERE)).toMatchObject({
      jobName: 'old',
      operators: [{ uid: 'count' }],
    })
  })

  test('when any one byte is changed, then it is corrupt and says where', () => {
    const bytes = encodeMetadata(SMALL)
    for (let index = 0; index < bytes.length; index++) {
      for (const flip of [1, 0x80, 0xff]) {
        const damaged = Uint8Array.from(bytes)
        damaged[index] = (damaged[index] as number) ^ flip
        expectCorrupt(() => decodeMetadata(damaged, WHERE))
      }
    }
  })

  test('when it is cut anywhere or has bytes too many, then it is corrupt', () => {
    const bytes = encodeMetadata(SMALL)
    for (let length = 0; length < bytes.length; length++) {
      expectCorrupt(() => decodeMetadata(bytes.subarray(0, length), WHERE))
    }
    expectCorrupt(() => decodeMetadata(Uint8Array.of(...bytes, 0), WHERE))
  })

  test('when a header with a right crc claims what cannot be, then it is corrupt', () => {
    const headers: readonly ((header: Header) => unknown)[] = [
      () => null,
      () => [],
      (header) => ({ ...header, checkpointId: -1 }),
      (header) => ({ ...header, checkpointId: 1.5 }),
      (header) => ({ ...header, kind: 'other' }),
      (header) => ({ ...header, jobName: undefined }),
      (header) => ({ ...header, operators: {} }),
      (header) => withSlot(header, { kind: 'inline', at: 1, sizeBytes: 3 }),
      (header) => withSlot(header, { kind: 'inline', at: 0, sizeBytes: 2 ** 50 }),
      (header) => withSlot(header, { kind: 'inline', at: -1, sizeBytes: 1 }),
      (header) => withSlot(header, { kind: 'elsewhere', at: 0, sizeBytes: 1 }),
      (header) => withSubtasks(header, []),
      (header) => withSubtasks(header, [{ subtaskIndex: 1, isFinished: false, slots: {} }]),
      (header) => withSubtasks(header, [{ subtaskIndex: 0, isFinished: 1, slots: {} }]),
    ]
    for (const change of headers) expectCorrupt(() => decodeMetadata(forged(change), WHERE))
    expect(
      decodeMetadata(
        forged((header) => header),
        WHERE,
      ),
    ).toStrictEqual(SMALL)
  })

  test('when the header claims to be longer than the file, then it is corrupt', () => {
    const bytes = Buffer.from(encodeMetadata(SMALL))
    bytes.writeUInt32LE(0xffff_fff0, 16)
    expectCorrupt(() => decodeMetadata(sealed(bytes), WHERE))
  })

  test('when a newer release wrote it, then that is said and nothing of damage', () => {
    const bytes = Buffer.from(encodeMetadata(SMALL))
    bytes.writeUInt32LE(METADATA_FORMAT_VERSION + 1, 8)
    expect(() => decodeMetadata(sealed(bytes), WHERE)).toThrow(
      /STATE_INCOMPATIBLE.*version 1 to 2.*chk-7.*got version 3.*with that release or a newer one/,
    )
  })
})

function expectCorrupt(read: () => unknown): void {
  let error: unknown
  try {
    read()
  } catch (thrown) {
    error = thrown
  }
  expect(error).toBeInstanceOf(MillraceError)
  expect(error).toMatchObject({ code: 'CHECKPOINT_CORRUPT', ids: { where: WHERE } })
}

/** The JSON of a header, as far as the tests change it. */
type Header = { readonly operators: readonly object[] }

/** The small metadata with another header, as somebody would write it who knows the format. */
function forged(change: (header: Header) => unknown): Uint8Array {
  const bytes = Buffer.from(encodeMetadata(SMALL))
  const headerEnd = 20 + bytes.readUInt32LE(16)
  const header = Buffer.from(
    JSON.stringify(change(JSON.parse(bytes.toString('utf8', 20, headerEnd)))),
  )
  const file = Buffer.concat([bytes.subarray(0, 20), header, bytes.subarray(headerEnd)])
  file.writeUInt32LE(file.length, 12)
  file.writeUInt32LE(header.length, 16)
  return sealed(file)
}

function sealed(file: Buffer): Uint8Array {
  file.writeUInt32LE(crc32(file.subarray(0, -4)), file.length - 4)
  return file
}

function withSubtasks(header: Header, subtasks: unknown): unknown {
  return { ...header, operators: [{ ...header.operators[0], subtasks }] }
}

function withSlot(header: Header, keyed: unknown): unknown {
  return withSubtasks(header, [{ subtaskIndex: 0, isFinished: false, slots: { keyed } }])
}
