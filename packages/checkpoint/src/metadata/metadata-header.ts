// The JSON part of `_metadata`: the metadata itself, with places instead of inline bytes. Reading it trusts
// nothing: the file may come from another host, and a wrong length must not read other bytes.

import { type JsonValue, show } from '@millrace/core'
import type {
  CheckpointKind,
  CheckpointMetadata,
  OperatorCheckpoint,
  StateHandle,
  SubtaskCheckpoint,
} from './checkpoint-metadata.ts'
import { corruptMetadata } from './corrupt-metadata.ts'

/** The header as plain data. */
export type JsonHeader = JsonValue

/** The header of `metadata`, and the inline bytes it refers to, in order. */
export function toHeader(metadata: CheckpointMetadata): {
  readonly header: JsonHeader
  readonly blobs: readonly Uint8Array[]
} {
  const blobs: Uint8Array[] = []
  let blobsEnd = 0

  function place(handle: StateHandle): JsonValue {
    if (handle.kind === 'file') return { ...handle }
    const at = blobsEnd
    blobs.push(handle.bytes)
    blobsEnd += handle.bytes.length
    return { kind: 'inline', at, sizeBytes: handle.bytes.length }
  }

  const operators = metadata.operators.map((operator) => ({
    ...operator,
    subtasks: operator.subtasks.map((subtask) => ({
      ...subtask,
      slots: mapValues(subtask.slots, place),
    })),
  }))
  return { header: { ...metadata, operators }, blobs }
}

/**
 * Reads a header; `blobs` holds the inline bytes, which are copied.
 *
 * @throws MillraceError `CHECKPOINT_CORRUPT`, naming the field.
 */
export function readHeader(
  header: JsonHeader,
  blobs: Uint8Array,
  where: string,
): CheckpointMetadata {
  const root = new HeaderNode(header, 'header', where)
  const oldestOwnId = root.field('oldestOwnId')
  return {
    formatVersion: root.field('formatVersion').wholeNumber(),
    checkpointId: root.field('checkpointId').wholeNumber(),
    kind: root.field('kind').oneOf<CheckpointKind>(['checkpoint', 'savepoint', 'final']),
    triggeredAtMs: root.field('triggeredAtMs').wholeNumber(),
    completedAtMs: root.field('completedAtMs').wholeNumber(),
    jobName: root.field('jobName').text(),
    graphHash: root.field('graphHash').text(),
    ...(oldestOwnId.json() !== undefined && { oldestOwnId: oldestOwnId.wholeNumber() }),
    operators: root
      .field('operators')
      .elements()
      .map((operator) => readOperator(operator, blobs)),
  }
}

function readOperator(node: HeaderNode, blobs: Uint8Array): OperatorCheckpoint {
  const operator = {
    uid: node.field('uid').text(),
    name: node.field('name').text(),
    kind: node.field('kind').text(),
    parallelism: node.field('parallelism').wholeNumber(),
    maxParallelism: node.field('maxParallelism').wholeNumber(),
    subtasks: node
      .field('subtasks')
      .elements()
      .map((subtask) => readSubtask(subtask, blobs)),
  }
  const isComplete =
    operator.subtasks.length === operator.parallelism &&
    operator.subtasks.every((subtask, index) => subtask.subtaskIndex === index)
  if (!isComplete) {
    throw node.field('subtasks').corrupt(`the ${operator.parallelism} subtasks in order`)
  }
  const enumerator = node.field('enumerator').json()
  return enumerator === undefined ? operator : { ...operator, enumerator }
}

function readSubtask(node: HeaderNode, blobs: Uint8Array): SubtaskCheckpoint {
  return {
    subtaskIndex: node.field('subtaskIndex').wholeNumber(),
    isFinished: node.field('isFinished').flag(),
    slots: mapValues(node.field('slots').members(), (handle) => readHandle(handle, blobs)),
  }
}

function readHandle(node: HeaderNode, blobs: Uint8Array): StateHandle {
  const kind = node.field('kind').oneOf(['inline', 'file'])
  const sizeBytes = node.field('sizeBytes').wholeNumber()
  if (kind === 'file') {
    return {
      kind,
      path: node.field('path').text(),
      offset: node.field('offset').wholeNumber(),
      sizeBytes,
      crc32: node.field('crc32').wholeNumber(),
    }
  }
  const at = node.field('at').wholeNumber()
  if (at + sizeBytes > blobs.length) {
    throw node.corrupt(`a place within ${blobs.length} inline bytes`)
  }
  return { kind: 'inline', bytes: new Uint8Array(blobs.subarray(at, at + sizeBytes)) }
}

/** A value in the header that knows its path, so that a wrong one can be named. */
class HeaderNode {
  readonly #value: unknown
  readonly #path: string
  readonly #where: string

  constructor(value: unknown, path: string, where: string) {
    this.#value = value
    this.#path = path
    this.#where = where
  }

  field(name: string): HeaderNode {
    const value = Object.hasOwn(this.#object(), name) ? this.#object()[name] : undefined
    return new HeaderNode(value, `${this.#path}.${name}`, this.#where)
  }

  members(): Readonly<Record<string, HeaderNode>> {
    return mapValues(this.#object(), (_, name) => this.field(name))
  }

  elements(): readonly HeaderNode[] {
    if (!Array.isArray(this.#value)) throw this.corrupt('an array')
    return this.#value.map(
      (element, index) => new HeaderNode(element, `${this.#path}[${index}]`, this.#where),
    )
  }

  text(): string {
    if (typeof this.#value !== 'string') throw this.corrupt('text')
    return this.#value
  }

  flag(): boolean {
    if (typeof this.#value !== 'boolean') throw this.corrupt('true or false')
    return this.#value
  }

  /** Whatever JSON is there; `undefined` if nothing is. */
  json(): JsonValue | undefined {
    return this.#value as JsonValue | undefined
  }

  wholeNumber(): number {
    if (!Number.isSafeInteger(this.#value) || (this.#value as number) < 0) {
      throw this.corrupt('a whole number of 0 or more')
    }
    return this.#value as number
  }

  oneOf<const Word extends string>(words: readonly Word[]): Word {
    const word = words.find((candidate) => candidate === this.#value)
    if (word === undefined) throw this.corrupt(`one of ${words.join(', ')}`)
    return word
  }

  corrupt(expected: string): Error {
    return corruptMetadata(this.#where, `${expected} as ${this.#path}`, show(this.#value))
  }

  #object(): Record<string, unknown> {
    const value = this.#value
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw this.corrupt('an object')
    }
    return value as Record<string, unknown>
  }
}

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  change: (value: From, name: string) => To,
): Record<string, To> {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [name, change(value, name)]),
  )
}
