// What one seed is about: an input, a job over it, how it is run, and what goes wrong meanwhile. All of it is drawn
// here, as data, before anything runs.

import { type FaultPlan, type Range, SeededRandom, type ServiceFaults } from '@millrace/testing'
import { drawStages, type Partitioning, PARTITIONINGS, type StagePlan } from './stages/plan.ts'

/** One seed, drawn. */
export interface Scenario {
  readonly seed: number
  readonly input: InputPlan
  readonly job: JobPlan
  readonly run: RunPlan
  readonly trouble: TroublePlan
}

/** What the sources read. */
export interface InputPlan {
  /** One stream, or two that are put together. */
  readonly streamCount: 1 | 2
  readonly recordsPerStream: number
  readonly keyCount: number
  /** Characters in a record that nobody looks at. */
  readonly textLength: number
  /** Event time between a record and the next. */
  readonly stepMs: number
  /** By how much a record's event time may lie behind that of an earlier one. */
  readonly disorderMs: number
  /** For how long the watermark waits. Records are late where it waits for less than the disorder. */
  readonly delayMs: number
  readonly watermarks: 'per-record' | 'periodic'
  /** After so long without records a source is idle; `null`: never. What comes then may be as old as any. */
  readonly idleMs: number | null
  /** How far a source may be ahead of the others; `null`: as far as it comes. */
  readonly alignment: { readonly driftMs: number; readonly everyMs: number } | null
  readonly source: SourcePlan
}

/** How records come in. */
export type SourcePlan =
  | { readonly kind: 'generator'; readonly recordsPerSecond: number }
  | {
      readonly kind: 'files'
      readonly fileCount: number
      readonly bufferBytes: number
      /** Files are read in parts of this size; `null` reads each as a whole. */
      readonly splitBytes: number | null
    }
  /** Stretches of records that are found one after another while the job runs. */
  | {
      readonly kind: 'discovered'
      readonly splitRecords: number
      readonly everyMs: number
      /** Whether splits that are not finished go to any reader after a failure. */
      readonly reassigns: boolean
    }

/** The operators. */
export interface JobPlan {
  /**
   * Whether every record travels on one way from its source to the operator with state. Then the result follows from
   * the order of the input: late records, running values. Without, only results that no order changes are asked for.
   */
  readonly isOrdered: boolean
  readonly hasMap: boolean
  readonly hasFilter: boolean
  /** What happens before the operator; nothing in an ordered job. */
  readonly stages: readonly StagePlan[]
  readonly operator: OperatorPlan
  /** Whether records have a type, and so a generated codec. */
  readonly isTyped: boolean
  /** A second branch writes the ids of all records as they are. */
  readonly hasSecondSink: boolean
  readonly secondSink: SinkPlan
  readonly parallelism: Parallelism
  readonly maxParallelism: number
  readonly layout: LayoutPlan
}

/** Where the second branch goes, and how part files are laid out and ended. */
export interface SinkPlan {
  /** Files; a service that is sent each row at least once; or a table with one committer, behind a stage. */
  readonly kind: 'files' | 'async' | 'table'
  readonly stageParallelism: number
  readonly bucketCount: number
  /** Part files go on over checkpoints until they have so many bytes; `null` ends them at each. */
  readonly rollBytes: number | null
  /** Part files of so many checkpoints are joined; `null` leaves them as they are. */
  readonly compactCheckpoints: number | null
}

/** Subtasks of the parts of a job. */
export interface Parallelism {
  readonly source: number
  /** Map, filter and probe. */
  readonly stateless: number
  /** The operator with state, at each start of the program: with a change, its state is dealt out anew. */
  readonly keyed: readonly number[]
  readonly sink: number
}

/** The operator with state. */
export type OperatorPlan =
  | { readonly kind: 'none' }
  | WindowPlan
  | {
      readonly kind: 'session'
      readonly gapMs: number
      readonly latenessMs: number
      readonly hasLateOutput: boolean
    }
  /** Buckets of event time by hand: value, list and map state, and timers, some of which are deleted. */
  | { readonly kind: 'buckets'; readonly sizeMs: number }
  | { readonly kind: 'reduce' }
  | { readonly kind: 'broadcast-join'; readonly ruleCount: number }
  | { readonly kind: 'join' }
  /** Windows over the results of windows. */
  | { readonly kind: 'two-windows'; readonly sizeMs: number }

/** How records and tasks are spread. Of no consequence for the results. */
export interface LayoutPlan {
  /** Between the sources and the operators without state. */
  readonly partitioning: Partitioning
  /** Whether operators are chained where they can be. */
  readonly hasChains: boolean
  /** Whether the operators without state are kept apart from the rest. */
  readonly hasOwnGroup: boolean
  /** Whether what they emit waits for full frames. */
  readonly hasFullFrames: boolean
}

/** Tumbling or sliding windows. */
export interface WindowPlan {
  readonly kind: 'window'
  readonly sizeMs: number
  readonly slideMs: number
  readonly offsetMs: number
  readonly latenessMs: number
  readonly hasLateOutput: boolean
  /** Folded as they come, or kept and handed over as they are. */
  readonly content: 'aggregate' | 'elements'
}

/** How the job is run. */
export interface RunPlan {
  /** Processes for tasks; 0 runs them in the program's own. */
  readonly threads: number
  readonly checkpointIntervalMs: number
  readonly checkpointMinPauseMs: number
  readonly checkpointTimeoutMs: number
  /** Barriers overtake records after so long in a task; `null`: never. */
  readonly alignedTimeoutMs: number | null
  readonly retained: number
  readonly tolerableFailures: number
  /** Whether checkpoints outlive the program. */
  readonly isDurable: boolean
  readonly bufferTimeoutMs: number
  readonly restartDelayMs: number
}

/** What goes wrong. */
export interface TroublePlan {
  readonly faults: FaultPlan
  /** What goes wrong with the systems outside. */
  readonly services: ServiceFaults
  /** When single executors crash. */
  readonly executorCrashesAtMs: readonly number[]
  /** A user function of the first attempt throws after so many records of its subtask; `null`: none does. */
  readonly failAfterRecords: number | null
  /** When the job is stopped with a savepoint, from which it is started again. `null`: never. */
  readonly stop: StopPlan | null
  /** When a savepoint is taken that nobody needs. `null`: never. */
  readonly savepointAtMs: number | null
  /** When the job is canceled; it is then started again. `null`: never. */
  readonly cancelAtMs: number | null
}

/** A stop with a savepoint, and whose the savepoint is afterwards. */
export interface StopPlan {
  readonly atMs: number
  readonly claimMode: 'claim' | 'no-claim'
}

/** From here on nothing goes wrong any more, in simulated milliseconds. */
export const TROUBLE_MS = 4000

/** Draws what a seed is about. */
export function drawScenario(seed: number): Scenario {
  const random = new SeededRandom(seed).fork('scenario')
  const isOrdered = random.chance(0.35)
  const operator = drawOperator(random.fork('operator'), isOrdered)
  const job = {
    ...drawJob(random.fork('job'), isOrdered, operator),
    layout: drawLayout(random.fork('layout')),
    secondSink: drawSink(random.fork('sink')),
    stages: isOrdered ? [] : drawStages(random.fork('stages'), operator.kind !== 'join'),
  }
  const input = drawInput(random.fork('input'), job)
  const run = drawRun(random.fork('run'))
  return { seed, input, job, run, trouble: drawTrouble(random.fork('trouble'), run) }
}

function drawOperator(random: SeededRandom, isOrdered: boolean): OperatorPlan {
  const latenessMs = isOrdered && random.chance(0.5) ? random.integer({ min: 1, max: 3000 }) : 0
  const hasLateOutput = random.chance(0.7)
  switch (pick(random, OPERATOR_KINDS)) {
    case 'none':
      return { kind: 'none' }
    case 'tumbling': {
      const sizeMs = random.integer({ min: 50, max: 3000 })
      const offsetMs = random.chance(0.3) ? random.integer({ min: -40, max: 40 }) : 0
      const content = random.chance(0.3) ? 'elements' : 'aggregate'
      return {
        kind: 'window',
        sizeMs,
        slideMs: sizeMs,
        offsetMs,
        latenessMs,
        hasLateOutput,
        content,
      }
    }
    case 'sliding': {
      const slideMs = random.integer({ min: 50, max: 1000 })
      const sizeMs =
        slideMs * random.integer({ min: 1, max: 6 }) + random.integer({ min: 0, max: 3 }) * 10
      const offsetMs = random.chance(0.3) ? random.integer({ min: -40, max: 40 }) : 0
      const content = random.chance(0.3) ? 'elements' : 'aggregate'
      return { kind: 'window', sizeMs, slideMs, offsetMs, latenessMs, hasLateOutput, content }
    }
    case 'session':
      return {
        kind: 'session',
        gapMs: random.integer({ min: 20, max: 500 }),
        latenessMs,
        hasLateOutput,
      }
    case 'buckets':
      return { kind: 'buckets', sizeMs: random.integer({ min: 50, max: 3000 }) }
    case 'reduce':
      return { kind: 'reduce' }
    case 'broadcast-join':
      return { kind: 'broadcast-join', ruleCount: random.integer({ min: 1, max: 200 }) }
    case 'join':
      return { kind: 'join' }
    case 'two-windows':
      return { kind: 'two-windows', sizeMs: random.integer({ min: 50, max: 1000 }) }
  }
}

const OPERATOR_KINDS = [
  'none',
  'tumbling',
  'tumbling',
  'sliding',
  'sliding',
  'session',
  'session',
  'buckets',
  'buckets',
  'reduce',
  'broadcast-join',
  'join',
  'two-windows',
] as const

function drawLayout(random: SeededRandom): LayoutPlan {
  return {
    partitioning: pick(random, PARTITIONINGS),
    hasChains: random.chance(0.8),
    hasOwnGroup: random.chance(0.3),
    hasFullFrames: random.chance(0.2),
  }
}

function drawSink(random: SeededRandom): SinkPlan {
  return {
    kind: pick(random, ['files', 'files', 'async', 'table']),
    stageParallelism: random.integer({ min: 1, max: 3 }),
    bucketCount: random.integer({ min: 1, max: 3 }),
    rollBytes: random.chance(0.5) ? random.integer({ min: 50, max: 2000 }) : null,
    compactCheckpoints: random.chance(0.3) ? random.integer({ min: 1, max: 4 }) : null,
  }
}

function drawJob(
  random: SeededRandom,
  isOrdered: boolean,
  operator: OperatorPlan,
): Omit<JobPlan, 'layout' | 'stages' | 'secondSink'> {
  const any = (): number => random.integer({ min: 1, max: 4 })
  const first = any()
  return {
    isOrdered,
    hasMap: random.chance(0.5),
    hasFilter: random.chance(0.5),
    operator,
    isTyped: random.chance(0.8),
    hasSecondSink: random.chance(0.5),
    parallelism: {
      source: isOrdered ? 1 : any(),
      stateless: isOrdered ? 1 : any(),
      keyed: random.chance(0.3) ? [first, any(), any()] : [first],
      sink: any(),
    },
    maxParallelism: pick(random, [4, 7, 128]),
  }
}

function drawInput(random: SeededRandom, { isOrdered, operator }: JobPlan): InputPlan {
  // A join pairs two streams; a broadcast join brings its own second one.
  const streamCount = operator.kind === 'join' || (!isOrdered && random.chance(0.4)) ? 2 : 1
  const disorderMs = random.chance(0.2) ? 0 : random.integer({ min: 1, max: 2000 })
  const isLate = isOrdered && random.chance(0.7)
  const textLength = pick(random, TEXT_LENGTHS)
  return {
    streamCount,
    recordsPerStream: random.integer({ min: 1, max: random.chance(0.1) ? 30 : 300 }),
    keyCount: random.integer({ min: 1, max: 20 }),
    textLength,
    stepMs: random.integer({ min: 0, max: 60 }),
    disorderMs,
    delayMs: isLate ? Math.floor(disorderMs * random.next()) : disorderMs,
    watermarks: isOrdered || random.chance(0.5) ? 'per-record' : 'periodic',
    ...drawTime(random.fork('time'), isOrdered),
    source: drawSource(random, textLength, isOrdered),
  }
}

function drawTime(
  random: SeededRandom,
  isOrdered: boolean,
): Pick<InputPlan, 'idleMs' | 'alignment'> {
  const idleMs = isOrdered || random.chance(0.8) ? null : random.integer({ min: 1, max: 100 })
  const alignment = random.chance(0.2)
    ? {
        driftMs: random.integer({ min: 1, max: 3000 }),
        everyMs: random.integer({ min: 5, max: 100 }),
      }
    : null
  return { idleMs, alignment }
}

function drawSource(random: SeededRandom, textLength: number, isOrdered: boolean): SourcePlan {
  switch (pick(random, ['generator', 'generator', 'files', 'files', 'discovered'] as const)) {
    case 'generator':
      return { kind: 'generator', recordsPerSecond: random.integer({ min: 100, max: 2000 }) }
    case 'files':
      return {
        kind: 'files',
        fileCount: random.integer({ min: 1, max: 6 }),
        bufferBytes: random.integer({ min: 16, max: 512 }) * (1 + Math.ceil(textLength / 50)),
        splitBytes: random.chance(0.3) ? random.integer({ min: 100, max: 5000 }) : null,
      }
    case 'discovered':
      return {
        kind: 'discovered',
        splitRecords: random.integer({ min: 5, max: 50 }),
        everyMs: random.integer({ min: 1, max: 30 }),
        // What is given back comes after what was found since.
        reassigns: !isOrdered && random.chance(0.5),
      }
  }
}

/** Most records are small; some make state that needs files of its own, and some more than a sink takes at once. */
const TEXT_LENGTHS = [...Array.from({ length: 15 }, () => 0), 600, 600, 600, 600, 8000]

function drawRun(random: SeededRandom): RunPlan {
  return {
    threads: random.integer({ min: 0, max: 3 }),
    checkpointIntervalMs: random.integer({ min: 5, max: 150 }),
    checkpointMinPauseMs: random.chance(0.3) ? random.integer({ min: 1, max: 50 }) : 0,
    checkpointTimeoutMs: random.chance(0.3) ? random.integer({ min: 200, max: 1000 }) : 60_000,
    alignedTimeoutMs: drawAlignedTimeout(random.fork('alignment')),
    retained: random.integer({ min: 1, max: 3 }),
    tolerableFailures: random.integer({ min: 0, max: 2 }),
    isDurable: random.chance(0.85),
    bufferTimeoutMs: pick(random, [0, 1, 10, 100]),
    restartDelayMs: random.integer({ min: 0, max: 50 }),
  }
}

function drawAlignedTimeout(random: SeededRandom): number | null {
  if (random.chance(0.4)) return null
  return random.chance(0.6) ? 0 : random.integer({ min: 1, max: 30 })
}

function drawTrouble(random: SeededRandom, { threads, isDurable }: RunPlan): TroublePlan {
  const withinMs = { min: 0, max: pick(random, [200, 1000, 3000]) }
  const crashCount = threads === 0 || random.chance(0.3) ? 0 : random.integer({ min: 1, max: 6 })
  return {
    faults: {
      ...(isDurable &&
        random.chance(0.7) && {
          crashes: { count: { min: 0, max: 5 }, withinMs, downMs: { min: 1, max: 100 } },
        }),
      disk: {
        ...(random.chance(0.3) && {
          latencyMs: { min: 0.02, max: random.integer({ min: 1, max: 20 }) },
        }),
        ...(random.chance(0.3) && {
          slow: { everyMs: { min: 50, max: 500 }, forMs: { min: 10, max: 200 }, factor: 20 },
        }),
        ...(random.chance(0.15) && {
          full: { everyMs: { min: 100, max: 1000 }, forMs: { min: 1, max: 100 } },
        }),
        ...(random.chance(0.25) && { writeErrorChance: random.between({ min: 0, max: 0.02 }) }),
      },
      network: random.chance(0.4)
        ? { delayMs: { min: 0.01, max: random.integer({ min: 1, max: 30 }) } }
        : {},
      clock: random.chance(0.3)
        ? {
            driftMax: 0.05,
            jumps: { everyMs: { min: 50, max: 2000 }, byMs: { min: -10_000, max: 10_000 } },
          }
        : {},
      untilMs: TROUBLE_MS,
    },
    services: random.chance(0.3)
      ? { delayMs: { min: 0.1, max: random.integer({ min: 1, max: 30 }) }, failureChance: 0.01 }
      : {},
    executorCrashesAtMs: Array.from({ length: crashCount }, () => random.between(withinMs)),
    failAfterRecords: random.chance(0.3) ? random.integer({ min: 0, max: 150 }) : null,
    stop:
      isDurable && random.chance(0.3)
        ? {
            atMs: random.between(withinMs),
            claimMode: random.chance(0.5) ? 'claim' : 'no-claim',
          }
        : null,
    savepointAtMs: random.chance(0.2) ? random.between(withinMs) : null,
    cancelAtMs: isDurable && random.chance(0.1) ? random.between(withinMs) : null,
  }
}

function pick<T>(random: SeededRandom, choices: readonly T[]): T {
  const range: Range = { min: 0, max: choices.length - 1 }
  return choices[random.integer(range)] as T
}
