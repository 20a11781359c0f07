// A sink of several operators: it groups records by key before they are written, has a stage before its only committer, and one
// behind it. Where to, the test says in the environment, which threads share.

import { mkdirSync, writeFileSync } from 'node:fs'
import {
  type CheckpointListener,
  type Collector,
  type CommitStage,
  type JsonValue,
  type ProcessContext,
  type ProcessFunction,
  type RuntimeContext,
  type Sink,
  type SinkWriter,
  type SinkWriterContext,
  type StreamExecutionEnvironment,
  Types,
} from 'millrace'

export const NUMBERS = 3_000
export const KEYS = 7

/** The numbers that a writer was given between two barriers. */
export type Part = {
  readonly name: string
  readonly writer: number
  readonly numbers: readonly number[]
  /** What the stages have said of it. */
  readonly isChecked?: boolean
}

/** Builds the job. It fails once, after a checkpoint. */
export default function sinkTopology(env: StreamExecutionEnvironment): void {
  env
    .generate({ count: NUMBERS, recordsPerSecond: 5_000, generator: (index) => index })
    .returns(Types.int)
    .process(() => new FailsOnce(), { type: Types.int })
    .sinkTo(new PartSink())
}

class PartSink implements Sink<number> {
  readonly name = 'parts'
  readonly commitParallelism = 1
  readonly preCommit: readonly CommitStage[] = [
    stage('checked', (part) => ({ ...part, isChecked: true })),
  ]
  readonly postCommit: readonly CommitStage[] = [
    stage('noted', (part) => {
      put('noted', part)
      return part
    }),
  ]

  describe(): JsonValue {
    return this.name
  }

  preWrite: NonNullable<Sink<number>['preWrite']> = (records) =>
    records.filter((value) => value >= 0).keyBy((value) => value % KEYS)

  createWriter(context: SinkWriterContext): SinkWriter<number> {
    return new PartWriter(context)
  }

  createCommitter(): { commit(parts: readonly JsonValue[]): Promise<void> } {
    return {
      commit: async (parts) => {
        for (const part of parts) put('committed', part as Part)
      },
    }
  }
}

class PartWriter implements SinkWriter<number> {
  readonly isAvailable = true
  readonly #context: SinkWriterContext
  #numbers: number[] = []
  #parts = 0

  constructor(context: SinkWriterContext) {
    this.#context = context
  }

  open(): void {}

  write(value: number): void {
    this.#numbers.push(value)
  }

  async prepareCommit(): Promise<readonly JsonValue[]> {
    const { subtaskIndex, attempt } = this.#context
    const numbers = this.#numbers
    this.#numbers = []
    if (numbers.length === 0) return []
    const name = `${attempt}-${subtaskIndex}-${this.#parts++}`
    return [{ name, writer: subtaskIndex, numbers } satisfies Part]
  }

  snapshotState(): readonly JsonValue[] {
    return []
  }

  close(): void {}
}

function stage(name: string, change: (part: Part) => Part): CommitStage {
  return {
    name,
    createProcessor: ({ emit }) => ({
      isHolding: false,
      process: (batch) =>
        emit({ ...batch, committables: batch.committables.map((part) => change(part as Part)) }),
      snapshotState: () => [],
    }),
  }
}

/** The same file if it is done again. */
function put(folder: string, part: Part): void {
  const path = `${process.env['MILLRACE_TEST_FOLDER']}/${folder}`
  mkdirSync(path, { recursive: true })
  writeFileSync(`${path}/${part.name}.json`, JSON.stringify(part))
}

/** Fails the first attempt once a checkpoint with a part of the records is complete, and the next one is under way. */
class FailsOnce implements ProcessFunction<number, number>, CheckpointListener {
  #isFirstAttempt = false
  #count = 0
  #countAtBarrier = 0
  #shallFail = false

  open(context: RuntimeContext): void {
    this.#isFirstAttempt = context.attempt === 0
  }

  processElement(value: number, _context: ProcessContext, out: Collector<number>): void {
    if (this.#shallFail) throw new Error('a passing failure')
    this.#count++
    out.collect(value)
  }

  snapshotState(): void {
    this.#countAtBarrier = this.#count
  }

  notifyCheckpointComplete(): void {
    this.#shallFail = this.#isFirstAttempt && this.#countAtBarrier > NUMBERS / 8
  }
}
