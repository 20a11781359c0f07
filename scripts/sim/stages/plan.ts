// The stages that records go through before the operator whose results are written: any number of them, in any order. Each
// gives the same records in whatever order its input comes, so that the answer follows from the input alone.

import type { SeededRandom } from '@millrace/testing'

/** How records get from one stage to the next. */
export const PARTITIONINGS = [
  'default',
  'default',
  'rebalance',
  'adaptive-rebalance',
  'rescale',
  'shuffle',
  'global',
  'custom',
] as const
export type Partitioning = (typeof PARTITIONINGS)[number]

/** One stage, and how it is laid out. */
export interface StagePlan {
  readonly work: StageWork
  readonly partitioning: Partitioning
  /** Subtasks at each start of the program. */
  readonly parallelism: readonly number[]
}

/** What a stage does. */
export type StageWork =
  /** Remembers in operator state which records came; none may come a second time. Records differ, so it is first or absent. */
  | { readonly kind: 'remember' }
  /** Sends some records to a side output, and puts both together again. */
  | { readonly kind: 'side-output' }
  /** Parts the records, and connects the parts: without keys, or with keys, timers and state of both inputs. */
  | { readonly kind: 'connect'; readonly delayMs: number | null }
  /** Holds each record back by a timer of event time. */
  | { readonly kind: 'hold-back'; readonly delayMs: number }
  /** Hears of rules and looks them up. */
  | { readonly kind: 'rules'; readonly ruleCount: number }
  /** Each subtask of it gets each record. */
  | { readonly kind: 'replicate' }
  /** Doubles each record and keeps the first of equals, by state that is too young to expire. */
  | { readonly kind: 'distinct'; readonly hasCleanupInSnapshots: boolean }
  /** Remembers something for each key for so long, in processing time. */
  | { readonly kind: 'cache'; readonly ttlMs: number; readonly hasCleanupInSnapshots: boolean }
  /** Holds each record back by a timer of processing time. */
  | { readonly kind: 'pause'; readonly delayMs: number }
  | { readonly kind: 'async'; readonly isOrdered: boolean; readonly capacity: number }
  | { readonly kind: 'interval-join'; readonly lowerMs: number; readonly upperMs: number }
  | { readonly kind: 'loop'; readonly step: number; readonly crosses: boolean }
  | { readonly kind: 'partition'; readonly by: PartitionWork }
  | { readonly kind: 'window'; readonly assigner: AssignerPlan; readonly trigger: TriggerPlan }
  | { readonly kind: 'evicting'; readonly sizeMs: number; readonly evictor: EvictorPlan }
  | { readonly kind: 'count-window'; readonly size: number; readonly isKeyed: boolean }
  | { readonly kind: 'window-all'; readonly sizeMs: number }
  | { readonly kind: 'window-join'; readonly sizeMs: number }
  | { readonly kind: 'co-group'; readonly sizeMs: number }

export type PartitionWork = 'sort' | 'count' | 'reduce' | 'aggregate'

/** Windows of event time. */
export type AssignerPlan =
  | { readonly kind: 'tumbling'; readonly sizeMs: number; readonly offsetMs: number }
  | { readonly kind: 'sliding'; readonly sizeMs: number; readonly slideMs: number }
  | { readonly kind: 'session'; readonly gapMs: number }
  /** Each record says how long its session waits. */
  | { readonly kind: 'dynamic-session'; readonly gapMs: number }
  /** Made by the user: the quarter of a cycle that a time is in. */
  | { readonly kind: 'own'; readonly sizeMs: number }

/** When windows are evaluated. Those by count are drawn for windows that do not merge. */
export type TriggerPlan =
  | { readonly kind: 'default' }
  | { readonly kind: 'count' | 'purging-count'; readonly maxCount: number }
  /** Made by the user: at the end of the window, by a state and a timer of its own. */
  | { readonly kind: 'own' }

export type EvictorPlan =
  | { readonly kind: 'count'; readonly maxCount: number; readonly isAfter: boolean }
  | { readonly kind: 'time'; readonly sizeMs: number }

/** Draws the stages of a job. `mayMultiply`: whether there may be more records after them than before. */
export function drawStages(random: SeededRandom, mayMultiply: boolean): readonly StagePlan[] {
  const count = random.integer({ min: 0, max: STAGES_MAX })
  // Pairs of pairs would be too many.
  let mayGrow = mayMultiply
  return Array.from({ length: count }, (_, place) => {
    const own = random.fork(`stage ${place}`)
    const first = own.integer({ min: 1, max: 4 })
    const again = own.integer({ min: 1, max: 4 })
    const drawn = drawWork(own, place)
    const work: StageWork = multiplies(drawn) && !mayGrow ? { kind: 'side-output' } : drawn
    mayGrow &&= !multiplies(work)
    return {
      work,
      partitioning: pick(own, PARTITIONINGS),
      // What is dealt out shows at a new parallelism whether it was dealt well.
      parallelism: work.kind === 'remember' || own.chance(0.4) ? [first, again] : [first],
    }
  })
}

function multiplies(work: StageWork): boolean {
  if (work.kind === 'window') return ['sliding', 'own'].includes(work.assigner.kind)
  return ['replicate', 'interval-join', 'window-join'].includes(work.kind)
}

const STAGES_MAX = 4

/** The kinds of stages, as often as they shall be drawn. */
export const STAGE_KINDS = [
  'side-output',
  'connect',
  'hold-back',
  'rules',
  'replicate',
  'distinct',
  'cache',
  'pause',
  'async',
  'interval-join',
  'loop',
  'partition',
  'window',
  'window',
  'evicting',
  'count-window',
  'window-all',
  'window-join',
  'co-group',
] as const satisfies readonly StageWork['kind'][]

function drawWork(random: SeededRandom, place: number): StageWork {
  if (place === 0 && random.chance(0.5)) return { kind: 'remember' }
  const sizeMs = random.integer({ min: 20, max: 2000 })
  const kind = pick(random, STAGE_KINDS)
  switch (kind) {
    case 'side-output':
    case 'replicate':
      return { kind }
    case 'connect':
      return { kind, delayMs: random.chance(0.5) ? random.integer({ min: 0, max: 500 }) : null }
    case 'hold-back':
      return { kind, delayMs: random.integer({ min: 0, max: 1000 }) }
    case 'rules':
      return { kind, ruleCount: random.integer({ min: 1, max: 50 }) }
    case 'distinct':
      return { kind, hasCleanupInSnapshots: random.chance(0.5) }
    case 'cache':
      return {
        kind,
        ttlMs: random.integer({ min: 1, max: 300 }),
        hasCleanupInSnapshots: random.chance(0.5),
      }
    case 'pause':
      return { kind, delayMs: random.integer({ min: 0, max: 100 }) }
    case 'async':
      return { kind, isOrdered: random.chance(0.5), capacity: random.integer({ min: 1, max: 20 }) }
    case 'interval-join':
      return {
        kind,
        lowerMs: -random.integer({ min: 0, max: 200 }),
        upperMs: random.integer({ min: 0, max: 200 }),
      }
    case 'loop':
      return { kind, step: random.integer({ min: 5, max: 30 }), crosses: random.chance(0.5) }
    case 'partition':
      return { kind, by: pick(random, ['sort', 'count', 'reduce', 'aggregate']) }
    case 'window':
      return { kind, ...drawWindow(random, sizeMs) }
    case 'evicting':
      return { kind, sizeMs, evictor: drawEvictor(random) }
    case 'count-window':
      return { kind, size: random.integer({ min: 1, max: 10 }), isKeyed: random.chance(0.7) }
    case 'window-all':
    case 'window-join':
    case 'co-group':
      return { kind, sizeMs }
  }
}

function drawWindow(
  random: SeededRandom,
  sizeMs: number,
): { readonly assigner: AssignerPlan; readonly trigger: TriggerPlan } {
  const assigner = drawAssigner(random, sizeMs)
  const mayCount = assigner.kind === 'tumbling' || assigner.kind === 'sliding'
  const trigger = pick(random, ['default', 'default', 'own', 'count', 'purging-count'] as const)
  if (trigger === 'default' || (trigger === 'own' && assigner.kind === 'tumbling')) {
    return { assigner, trigger: { kind: trigger } }
  }
  if (!mayCount || trigger === 'own') return { assigner, trigger: { kind: 'default' } }
  return { assigner, trigger: { kind: trigger, maxCount: random.integer({ min: 1, max: 10 }) } }
}

function drawAssigner(random: SeededRandom, sizeMs: number): AssignerPlan {
  switch (pick(random, ['tumbling', 'sliding', 'session', 'dynamic-session', 'own'] as const)) {
    case 'tumbling':
      return { kind: 'tumbling', sizeMs, offsetMs: random.integer({ min: -19, max: 19 }) }
    case 'sliding':
      return { kind: 'sliding', sizeMs, slideMs: Math.ceil(sizeMs / (1 + 3 * random.next())) }
    case 'session':
      return { kind: 'session', gapMs: random.integer({ min: 5, max: 300 }) }
    case 'dynamic-session':
      return { kind: 'dynamic-session', gapMs: random.integer({ min: 5, max: 300 }) }
    case 'own':
      return { kind: 'own', sizeMs }
  }
}

function drawEvictor(random: SeededRandom): EvictorPlan {
  return random.chance(0.5)
    ? { kind: 'time', sizeMs: random.integer({ min: 1, max: 500 }) }
    : {
        kind: 'count',
        maxCount: random.integer({ min: 1, max: 10 }),
        isAfter: random.chance(0.3),
      }
}

function pick<const T>(random: SeededRandom, choices: readonly T[]): T {
  return choices[random.integer({ min: 0, max: choices.length - 1 })] as T
}
