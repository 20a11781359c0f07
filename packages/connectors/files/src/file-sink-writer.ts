// The writer of a file sink: buckets, the cut at a barrier, and what a restart takes over.
//
//   prepareCommit   parts that roll are sealed: { pending, final } goes to the checkpoint as a committable
//                   parts that stay open are synced: { pending, final, sizeBytes } goes to the checkpoint as state
//   open            open parts are cut back to the bytes of the checkpoint and continued; leftovers are removed
//   close           a part that no checkpoint knows is removed
//
// `prepareCommit` cuts at once: encoded bytes and part files change owner, and what is written later comes behind the cut.

import {
  type JsonValue,
  makeDurableDirectory,
  MillraceError,
  type RestoredSinkState,
  show,
  type SinkRecordContext,
  type SinkWriter,
  type SinkWriterContext,
  type Timer,
} from '@millrace/core'
import { type BucketAssigner, type BucketContext, isBucketPath } from './bucket-assigner.ts'
import { type BucketOwner, BucketWriter } from './bucket-writer.ts'
import type { BulkWriter } from './bulk-format.ts'
import { removeLeftovers } from './leftovers.ts'
import { PartFile } from './part-file.ts'
import { bucketFolder, type PartNaming, partPaths, runOf } from './part-names.ts'
import { openPartsOf, type OpenPartState } from './part-state.ts'
import type { RollingPolicy } from './rolling-policy.ts'

/** While more than this waits to be written, the writer is not available. */
const UNWRITTEN_BYTES_MAX = 1024 * 1024

/** Smaller pieces cost more calls than bytes. */
const PIECE_BYTES_MAX = 64 * 1024

/** What waits in all buckets together for being a whole piece: with many buckets pieces are smaller. */
const PIECES_BYTES_MAX = 4 * 1024 * 1024

/** What a writer is made of. */
export interface FileSinkWriterInit<T> {
  readonly context: SinkWriterContext
  readonly naming: PartNaming
  readonly createContent: (isContinued: boolean) => BulkWriter<T>
  /** A part can be continued after its checkpoint. */
  readonly canContinueParts: boolean
  readonly rolling: RollingPolicy<T>
  readonly checkIntervalMs: number
  /** `undefined`: all records go into the folder of the sink. */
  readonly buckets: BucketAssigner<T> | undefined
  /** Others commit and need to know how large parts are. */
  readonly isCompacting: boolean
}

/** Writes part files, in buckets. */
export class FileSinkWriter<T> implements SinkWriter<T> {
  readonly #init: FileSinkWriterInit<T>
  readonly #owner: { -readonly [Key in keyof BucketOwner<T>]: BucketOwner<T>[Key] }
  readonly #buckets = new Map<string, BucketWriter<T>>()
  /** The bucket of the last record. */
  #current: BucketWriter<T>
  readonly #bucketContext: { -readonly [Key in keyof BucketContext]: BucketContext[Key] } = {
    timestamp: undefined,
    currentWatermark: 0,
    currentProcessingTime: 0,
  }
  readonly #folders = new Map<string, Promise<void>>()
  /** Parts that were rolled since the last cut. */
  #rolled: RolledPart[] = []
  /** Parts behind a roll that are not sealed yet. */
  readonly #sealing = new Set<Promise<void>>()
  /** Open parts that a checkpoint may know: they are not removed. */
  readonly #known = new WeakSet<PartFile>()
  #openStates: readonly OpenPartState[] = []
  #partCount = 0
  #unwrittenBytes = 0
  #isFull = false
  #hasFailed = false
  #isClosed = false
  #timer: Timer | undefined

  constructor(init: FileSinkWriterInit<T>) {
    this.#init = init
    const { platform } = init.context
    this.#owner = {
      nowMs: () => platform.clock.now(),
      createContent: init.createContent,
      pieceBytes: PIECE_BYTES_MAX,
      createPart: (bucket) => this.#createPart(bucket),
      append: (part, bytes) => this.#append(part, bytes),
    }
    this.#current = new BucketWriter('', this.#owner)
    this.#buckets.set('', this.#current)
  }

  async open(restored: RestoredSinkState): Promise<void> {
    const { naming, context, buckets, isCompacting } = this.#init
    await makeDurableDirectory(context.platform.files, naming.directory)
    this.#folders.set('', Promise.resolve())
    if (restored.isRestored || context.attempt > 0) {
      await removeLeftovers({
        naming,
        context,
        restored,
        isGivenCommittables: !isCompacting,
        hasBuckets: buckets !== undefined,
      })
    }
    for (const state of openPartsOf(restored.states)) await this.#continue(state)
    this.#armCheck()
  }

  write(value: T, context: SinkRecordContext): void {
    const { buckets, rolling } = this.#init
    if (buckets !== undefined) this.#choose(buckets, value, context)
    const bucket = this.#current
    if (bucket.isOpen && rolling.rollsOnRecord(bucket, value)) this.#roll(bucket)
    bucket.write(value)
  }

  get isAvailable(): boolean {
    return !this.#isFull
  }

  /** After the end of input no part stays open. */
  flush(endOfInput: boolean): void {
    if (endOfInput) for (const bucket of this.#buckets.values()) this.#roll(bucket)
  }

  async prepareCommit(): Promise<readonly JsonValue[]> {
    const { rolling, canContinueParts } = this.#init
    const synced: Promise<void>[] = []
    const states: OpenPartState[] = []
    for (const bucket of this.#buckets.values()) {
      if (bucket.isOpen && (!canContinueParts || rolling.rollsOnCheckpoint(bucket))) {
        this.#roll(bucket)
      }
      bucket.flush()
      const cut = bucket.cut()
      if (cut !== undefined) {
        this.#known.add(cut.part)
        states.push(cut.state)
        synced.push(cut.part.sync())
      } else if (!bucket.isOpen && bucket !== this.#current) this.#buckets.delete(bucket.bucket)
    }
    this.#openStates = states
    const rolled = this.#rolled
    this.#rolled = []
    await Promise.all([...synced, ...rolled.map(({ sealed }) => sealed)])
    return rolled.map(({ committable }) => committable)
  }

  snapshotState(): readonly JsonValue[] {
    const { subtaskIndex, runId, attempt } = this.#init.context
    if (!this.#init.isCompacting) return this.#openStates
    const next = { subtaskIndex, run: runOf(runId), attempt, number: this.#partCount }
    return [...this.#openStates, { next }]
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#timer?.cancel()
    await Promise.all(this.#sealing)
    const open = [...this.#buckets.values()].flatMap((bucket) => bucket.giveUp() ?? [])
    const uncut = [...open, ...this.#rolled.map(({ part }) => part)]
    await Promise.all(
      uncut.map((part) => (this.#known.has(part) ? part.abandon() : part.discard())),
    )
  }

  #choose(buckets: BucketAssigner<T>, value: T, context: SinkRecordContext): void {
    const known = this.#bucketContext
    known.timestamp = context.timestamp
    known.currentWatermark = context.currentWatermark
    known.currentProcessingTime = this.#owner.nowMs()
    const id = buckets.bucketOf(value, known)
    if (id !== this.#current.bucket) this.#current = this.#bucketOf(id)
  }

  #bucketOf(id: string): BucketWriter<T> {
    const found = this.#buckets.get(id)
    if (found !== undefined) return found
    checkBucket(id)
    const bucket = new BucketWriter(id, this.#owner)
    this.#buckets.set(id, bucket)
    this.#owner.pieceBytes = Math.min(PIECE_BYTES_MAX, PIECES_BYTES_MAX / this.#buckets.size)
    return bucket
  }

  #createPart(bucket: string): PartFile {
    const { context, naming } = this.#init
    const { files } = context.platform
    let folder = this.#folders.get(bucket)
    if (folder === undefined) {
      folder = makeDurableDirectory(files, bucketFolder(naming, bucket))
      this.#folders.set(bucket, folder)
      // A failure is that of the part; the next one tries again.
      folder.catch(() => this.#folders.delete(bucket))
    }
    const paths = partPaths(naming, context, { number: this.#partCount++, bucket })
    return PartFile.create(files, paths, folder)
  }

  /** Goes on with a part of the checkpoint. A bucket writes one part at a time, so another one of it is only finished. */
  async #continue(state: OpenPartState): Promise<void> {
    const { pending, final, sizeBytes } = state
    const { files } = this.#init.context.platform
    const part = await PartFile.continue(files, { pending, final }, sizeBytes)
    this.#known.add(part)
    const bucket = this.#bucketOf(state.bucket)
    if (bucket.isOpen || !this.#init.canContinueParts) this.#seal(part, state.bucket, sizeBytes)
    else bucket.continue(part, state)
  }

  #roll(bucket: BucketWriter<T>): void {
    const rolled = bucket.roll()
    if (rolled !== undefined) this.#seal(rolled.part, bucket.bucket, rolled.sizeBytes)
  }

  #seal(part: PartFile, bucket: string, sizeBytes: number): void {
    const { isCompacting } = this.#init
    const sealed = part.seal()
    const settled = sealed.then(
      () => {},
      (error: unknown) => this.#fail(error),
    )
    this.#sealing.add(settled)
    void settled.then(() => this.#sealing.delete(settled))
    const committable = isCompacting ? { ...part.paths, bucket, sizeBytes } : part.paths
    this.#rolled.push({ part, sealed, committable })
  }

  #append(part: PartFile, bytes: Uint8Array): void {
    this.#unwrittenBytes += bytes.byteLength
    if (this.#unwrittenBytes > UNWRITTEN_BYTES_MAX) this.#isFull = true
    part.append(bytes).then(
      () => this.#drain(bytes.byteLength),
      (error: unknown) => this.#fail(error),
    )
  }

  #drain(bytes: number): void {
    this.#unwrittenBytes -= bytes
    if (!this.#isFull || this.#unwrittenBytes > UNWRITTEN_BYTES_MAX / 2) return
    this.#isFull = false
    this.#init.context.wake()
  }

  #fail(error: unknown): void {
    if (this.#hasFailed) return
    this.#hasFailed = true
    this.#init.context.fail(error)
  }

  #armCheck(): void {
    const { rolling, context, checkIntervalMs } = this.#init
    if (rolling.rollsOnTime === undefined || this.#isClosed) return
    this.#timer = context.platform.timers.after(checkIntervalMs, () => {
      try {
        this.#checkTimes()
        this.#armCheck()
      } catch (error) {
        this.#fail(error)
      }
    })
  }

  #checkTimes(): void {
    const nowMs = this.#owner.nowMs()
    for (const bucket of this.#buckets.values()) {
      if (!bucket.isOpen) continue
      bucket.look(nowMs)
      if (this.#init.rolling.rollsOnTime?.(bucket, nowMs) === true) this.#roll(bucket)
    }
  }
}

/** A part that got its last record. */
interface RolledPart {
  readonly part: PartFile
  readonly sealed: Promise<void>
  readonly committable: JsonValue
}

function checkBucket(id: string): void {
  if (id === '' || isBucketPath(id)) return
  throw new MillraceError('OPTION_INVALID', {
    expected: 'a bucket as a path below the folder of the sink',
    came: show(id),
    todo: "Answer for example '2024-02-29' or 'at/vienna': no '..', no name that begins with a dot or _.",
  })
}
