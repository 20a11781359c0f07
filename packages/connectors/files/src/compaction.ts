// Joins small part files before they become visible, in two stages between the writers and the committer:
//
//   parts of a checkpoint ─> [ gather: one subtask ] ──packs──> [ join: in parallel ] ──> committer
//                              by bucket, until they are         several parts are copied into one:
//                              large enough, or old enough       { pending, final } and { remove } for each old one
//
// A part that is large enough by itself goes through. What was gathered and not passed on is state, so is a pack that is being
// joined: after a restart it is joined again, under the same name. The old parts are removed by the committer, behind the
// rename of the new one, so at every moment some file holds each record.

import {
  checkInteger,
  checkOptions,
  type CommitStage,
  type CommitStageContext,
  type CommitStageProcessor,
  type CommittableBatch,
  type CompletedStageCheckpoint,
  type FileSystem,
  type JsonValue,
  makeDurableDirectory,
} from '@millrace/core'
import type { PartPaths } from './part-names.ts'
import type { PartCommittable, RemovalCommittable } from './part-state.ts'
import { baseName, folderOf, joinPath } from './paths.ts'

/** When and how part files are joined. */
export interface FileCompactionOptions {
  /** Parts of a bucket are joined as soon as they have this size together. Default: 128 MiB. */
  readonly sizeBytes?: number
  /** At the latest after so many checkpoints. Default: 10. */
  readonly checkpoints?: number
  /** Subtasks that join. Default: as many as write. */
  readonly parallelism?: number
}

/** The options, checked. */
export interface FileCompaction {
  readonly sizeBytes: number
  readonly checkpoints: number
  readonly parallelism: number | undefined
}

/** @throws MillraceError `OPTION_UNKNOWN`, `OPTION_INVALID` */
export function checkCompaction(options: FileCompactionOptions): FileCompaction {
  checkOptions('compaction', options, ['sizeBytes', 'checkpoints', 'parallelism'])
  const { sizeBytes = 128 * 1024 * 1024, checkpoints = 10, parallelism } = options
  const max = Number.MAX_SAFE_INTEGER
  return {
    sizeBytes: checkInteger('sizeBytes', sizeBytes, { min: 1, max }),
    checkpoints: checkInteger('checkpoints', checkpoints, { min: 1, max }),
    parallelism,
  }
}

/** The stages that join part files. Each file begins with `headerBytes` that only the first of a pack keeps. */
export function compactionStages(
  compaction: FileCompaction,
  headerBytes: number,
): readonly CommitStage[] {
  const { parallelism } = compaction
  return [
    {
      name: 'Gather small files',
      parallelism: 1,
      createProcessor: ({ emit }) => new PartGatherer(compaction, emit),
    },
    {
      name: 'Join small files',
      ...(parallelism !== undefined && { parallelism }),
      createProcessor: (context) => new PartJoiner(context, headerBytes),
    },
  ]
}

/** Parts of one bucket that wait for each other. */
interface Gathered {
  parts: PartCommittable[]
  sizeBytes: number
  /** Checkpoints since the first part came. */
  ageCheckpoints: number
}

class PartGatherer implements CommitStageProcessor {
  readonly #compaction: FileCompaction
  readonly #emit: CommitStageContext['emit']
  readonly #byBucket = new Map<string, Gathered>()
  #checkpointId = 0

  constructor(compaction: FileCompaction, emit: CommitStageContext['emit']) {
    this.#compaction = compaction
    this.#emit = emit
  }

  /** Emits nothing here: what is large enough goes with the next part, or the next checkpoint. */
  open(states: readonly JsonValue[]): void {
    for (const part of states as readonly PartCommittable[]) this.#add(part)
  }

  process({ checkpointId, committables }: CommittableBatch): void {
    this.#checkpointId = Math.max(this.#checkpointId, checkpointId)
    for (const part of committables as readonly PartCommittable[]) {
      if ((part.sizeBytes ?? 0) >= this.#compaction.sizeBytes) {
        this.#pass([part])
        continue
      }
      const gathered = this.#add(part)
      if (gathered.sizeBytes >= this.#compaction.sizeBytes) this.#passAll(part.bucket ?? '')
    }
  }

  onCheckpointComplete({ isEndOfInput }: CompletedStageCheckpoint): void {
    for (const [bucket, gathered] of this.#byBucket) {
      gathered.ageCheckpoints += 1
      const isOld = gathered.ageCheckpoints >= this.#compaction.checkpoints
      if (isOld || isEndOfInput) this.#passAll(bucket)
    }
  }

  get isHolding(): boolean {
    return this.#byBucket.size > 0
  }

  snapshotState(): readonly JsonValue[] {
    return [...this.#byBucket.values()].flatMap(({ parts }) => parts)
  }

  #add(part: PartCommittable): Gathered {
    const { bucket = '', sizeBytes = 0 } = part
    const gathered = this.#byBucket.get(bucket) ?? { parts: [], sizeBytes: 0, ageCheckpoints: 0 }
    gathered.parts.push(part)
    gathered.sizeBytes += sizeBytes
    this.#byBucket.set(bucket, gathered)
    return gathered
  }

  #passAll(bucket: string): void {
    const { parts = [] } = this.#byBucket.get(bucket) ?? {}
    this.#byBucket.delete(bucket)
    this.#pass(parts)
  }

  #pass(committables: readonly PartCommittable[]): void {
    this.#emit({ checkpointId: this.#checkpointId, subtaskIndex: 0, subtaskCount: 1, committables })
  }
}

/** Joins packs one after another. */
class PartJoiner implements CommitStageProcessor {
  readonly #context: CommitStageContext
  readonly #headerBytes: number
  /** What is being joined or waits for it. */
  #packs: CommittableBatch[] = []
  #working: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(context: CommitStageContext, headerBytes: number) {
    this.#context = context
    this.#headerBytes = headerBytes
  }

  open(states: readonly JsonValue[]): void {
    for (const pack of states as unknown as readonly CommittableBatch[]) this.#take(pack)
  }

  process(pack: CommittableBatch): void {
    if (pack.committables.length > 1) return this.#take(pack)
    const parts = pack.committables as readonly PartCommittable[]
    this.#context.emit({ ...pack, committables: [...parts, ...parts.map(removalOfJoined)] })
  }

  whenIdle(): Promise<void> {
    return this.#working
  }

  get isHolding(): boolean {
    return this.#packs.length > 0
  }

  snapshotState(): readonly JsonValue[] {
    return this.#packs
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#working
  }

  #take(pack: CommittableBatch): void {
    this.#packs.push(pack)
    this.#working = this.#working
      .then(() => this.#join(pack))
      .catch((error: unknown) => this.#context.fail(error))
  }

  async #join(pack: CommittableBatch): Promise<void> {
    if (this.#isClosed) return
    const { files } = this.#context.platform
    const parts = pack.committables as readonly PartCommittable[]
    const joined = joinedPaths(parts[0] as PartCommittable)
    const sources = parts.map(({ pending }) => pending)
    await joinFiles(files, { sources, target: joined.pending, headerBytes: this.#headerBytes })
    this.#packs = this.#packs.filter((one) => one !== pack)
    const removals = [
      ...sources.map((remove) => ({ remove })),
      ...parts.slice(1).map(removalOfJoined),
    ]
    this.#context.emit({ ...pack, committables: [joined, ...removals] })
  }
}

/** A joined part is called after its first one, so that joining again after a restart writes the same file again. */
function joinedPaths({ pending, final }: PartPaths): PartPaths {
  return {
    pending: joinPath(folderOf(pending), `.compacted-${baseName(pending).slice(1)}`),
    final: joinPath(folderOf(final), `compacted-${baseName(final)}`),
  }
}

/**
 * A part may have been the first of another pack, in an attempt that failed: then there is a joined file that nobody will ever
 * commit, called after it.
 */
function removalOfJoined(part: PartCommittable): RemovalCommittable {
  return { remove: joinedPaths(part).pending }
}

/** How many bytes are copied at once. */
const COPY_BYTES = 1024 * 1024

async function joinFiles(
  files: FileSystem,
  {
    sources,
    target,
    headerBytes,
  }: {
    readonly sources: readonly string[]
    readonly target: string
    readonly headerBytes: number
  },
): Promise<void> {
  await makeDurableDirectory(files, folderOf(target))
  const joined = await files.create(target)
  try {
    for (const [index, path] of sources.entries()) {
      const source = await files.open(path)
      try {
        let position = index === 0 ? 0 : headerBytes
        while (position < source.sizeBytes) {
          const bytes = await source.read(position, COPY_BYTES)
          if (bytes.byteLength === 0) break
          await joined.write(bytes)
          position += bytes.byteLength
        }
      } finally {
        await source.close()
      }
    }
    await joined.sync()
  } finally {
    await joined.close()
  }
  await files.syncDirectory(folderOf(target))
}
