// Builds a task: the operators of its vertex, from last to first, each wired to its readers and writers.

import { type KeyGroupRange, keyGroupRangeFor, Parameters, type Platform } from '@millrace/core'
import type { InputGate, RecordWriter } from '@millrace/exchange'
import type { FunctionTable, JobEdge, JobOperator, JobVertex } from '@millrace/job-graph'
import { createOperator } from '../operators/operator-factories.ts'
import type { Input, Operator, OperatorContext, RestoredOperator } from '../operators/operator.ts'
import { IterationHeadOperator } from '../iterations/iteration-head-operator.ts'
import { SourceOperator } from '../sources/source-operator.ts'
import { ProcessingTimeService } from '../timers/processing-time-service.ts'
import { AccumulatorSet } from './accumulator-set.ts'
import type { ChainedOperator } from './chained-operator.ts'
import { combineOutputs, withSideOutputs } from './operator-outputs.ts'
import { OutputFlusher } from './output-flusher.ts'
import { restoredWatermarks } from './task-checkpoints.ts'
import type { TaskLoop } from './task-loop.ts'
import { Task, type TaskInit, type TaskListener } from './task.ts'

/** All that a task needs, resolved in the thread that runs it. */
export interface TaskPlan {
  readonly platform: Platform
  readonly loop: TaskLoop
  readonly functions: FunctionTable
  readonly jobName: string
  readonly vertex: JobVertex
  readonly subtaskIndex: number
  readonly attempt: number
  readonly runId: string
  readonly autoWatermarkIntervalMs: number
  /** Of the edges that have none of their own. */
  readonly bufferTimeoutMs: number
  /** What functions see as `globalJobParameters`. Left out: nothing. */
  readonly globalJobParameters?: Readonly<Record<string, string>> | undefined
  /** The paths of the job's cached files by name. Left out: none. */
  readonly cachedFiles?: Readonly<Record<string, string>> | undefined
  readonly hasCheckpoints: boolean
  readonly gate: InputGate
  /** What leads back to the task's head, if it is the head of a loop. Default: nothing. */
  readonly feedback?: InputGate
  /** The edges that leave the vertex, and their writers. */
  readonly writers: readonly { readonly edge: JobEdge; readonly writer: RecordWriter<unknown> }[]
  /** By operator uid, with the blobs already read. */
  readonly restored: ReadonlyMap<string, RestoredOperator>
  readonly listener: TaskListener
  readonly storeState: TaskInit['storeState']
  readonly sendToClient: (uid: string, payload: unknown) => void
  readonly sendSourceEvent: OperatorContext['sendSourceEvent']
}

/** The task of a plan. Its channels wake it by `loop.wake(task)`. */
export function createTask(plan: TaskPlan): Task {
  const { vertex, subtaskIndex, platform, loop } = plan
  const name = `${vertex.name} (${subtaskIndex + 1}/${vertex.parallelism})`
  const enqueue = (mail: () => void): void => loop.enqueue(() => task.run(mail))
  const processingTime = new ProcessingTimeService(platform.clock, platform.timers, enqueue)
  const wiring = new Wiring(plan, name, {
    isInputBlocked: () => task.isInputBlocked,
    enqueue,
    wake: () => loop.wake(task),
    fail: (error) => loop.enqueue(() => task.fail(error)),
  })
  const chain = wiring.build()
  const head = chain[0]?.operator
  const restoredHead = plan.restored.get(vertex.id) ?? FRESH
  const task: Task = new Task({
    name,
    subtaskIndex,
    loop,
    clock: platform.clock,
    chain,
    source: head instanceof SourceOperator ? head : undefined,
    iterationHead: head instanceof IterationHeadOperator ? head : undefined,
    gate: plan.gate,
    restoredHead,
    restoredWatermarks: restoredWatermarks(restoredHead),
    writers: plan.writers.map(({ writer }) => writer),
    loopWriters: plan.writers
      .filter(({ edge }) => edge.isInLoop === true)
      .map(({ writer }) => writer),
    processingTime,
    listener: plan.listener,
    flusher: new OutputFlusher(
      plan.writers.map(({ edge, writer }) => ({
        writer,
        bufferTimeoutMs: edge.bufferTimeoutMs ?? plan.bufferTimeoutMs,
      })),
      processingTime,
    ),
    storeState: plan.storeState,
  })
  return task
}

const FRESH: RestoredOperator = {
  isRestored: false,
  checkpointId: undefined,
  isFinished: false,
  parallelism: 0,
  slot: () => [],
}

/** What an operator may call on its task at any time. */
type TaskCalls = Pick<OperatorContext, 'enqueue' | 'isInputBlocked' | 'wake' | 'fail'>

class Wiring {
  readonly #plan: TaskPlan
  readonly #taskName: string
  readonly #task: TaskCalls
  readonly #keyGroupRange: KeyGroupRange
  readonly #built = new Map<string, Operator>()

  constructor(plan: TaskPlan, taskName: string, task: TaskCalls) {
    this.#plan = plan
    this.#taskName = taskName
    this.#task = task
    const { parallelism, maxParallelism } = plan.vertex
    this.#keyGroupRange = keyGroupRangeFor(plan.subtaskIndex, parallelism, maxParallelism)
  }

  build(): readonly ChainedOperator[] {
    return this.#plan.vertex.operators
      .toReversed()
      .map((operator) => this.#create(operator))
      .reverse()
  }

  #create(operator: JobOperator): ChainedOperator {
    const accumulators = new AccumulatorSet()
    const context = this.#context(operator, accumulators)
    for (const { bytes } of context.restored.slot('accumulators')) accumulators.restore(bytes)
    const created = createOperator(context)
    this.#built.set(operator.uid, created)
    const { processingTime } = context
    return {
      uid: operator.uid,
      name: operator.name,
      operator: created,
      accumulators,
      processingTime,
    }
  }

  #context(operator: JobOperator, accumulators: AccumulatorSet): OperatorContext {
    const plan = this.#plan
    return {
      platform: plan.platform,
      operator,
      functions: plan.functions,
      jobName: plan.jobName,
      taskName: this.#taskName,
      subtaskIndex: plan.subtaskIndex,
      parallelism: plan.vertex.parallelism,
      maxParallelism: plan.vertex.maxParallelism,
      keyGroupRange: this.#keyGroupRange,
      attempt: plan.attempt,
      runId: plan.runId,
      autoWatermarkIntervalMs: plan.autoWatermarkIntervalMs,
      hasCheckpoints: plan.hasCheckpoints,
      feedback: plan.feedback,
      output: this.#mainOutput(operator.uid),
      sideOutput: memoized((tag) => this.#output(operator.uid, tag)),
      restored: plan.restored.get(operator.uid) ?? FRESH,
      processingTime: new ProcessingTimeService(
        plan.platform.clock,
        plan.platform.timers,
        this.#task.enqueue,
      ),
      accumulators,
      ...this.#task,
      globalJobParameters: Parameters.fromObject(plan.globalJobParameters ?? {}),
      cachedFiles: plan.cachedFiles ?? {},
      sendToClient: (payload) => plan.sendToClient(operator.uid, payload),
      sendSourceEvent: plan.sendSourceEvent,
    }
  }

  /** The main output, which also tells the side outputs how time goes. */
  #mainOutput(uid: string): Input<unknown> {
    const { vertex, writers } = this.#plan
    const tags = new Set<string>()
    for (const { chainedTo } of vertex.operators) {
      if (chainedTo?.uid === uid && chainedTo.outputTag !== null) tags.add(chainedTo.outputTag)
    }
    for (const { edge } of writers) {
      if (edge.fromOperator === uid && edge.outputTag !== null) tags.add(edge.outputTag)
    }
    const main = this.#output(uid, null)
    if (tags.size === 0) return main
    return withSideOutputs(
      main,
      [...tags].map((tag) => this.#output(uid, tag)),
    )
  }

  /** Main output (`null`) or a side output of an operator. */
  #output(uid: string, tag: string | null): Input<unknown> {
    const chained = this.#plan.vertex.operators
      .filter((reader) => reader.chainedTo?.uid === uid && reader.chainedTo.outputTag === tag)
      .map((reader) => this.#built.get(reader.uid)?.inputs[0] as Input<unknown>)
    const written = this.#plan.writers
      .filter(({ edge }) => edge.fromOperator === uid && edge.outputTag === tag)
      .map(({ writer }): Input<unknown> => writer)
    return combineOutputs([...chained, ...written])
  }
}

function memoized<T>(make: (name: string) => T): (name: string) => T {
  const made = new Map<string, T>()
  return (name) => {
    let value = made.get(name)
    if (value === undefined) {
      value = make(name)
      made.set(name, value)
    }
    return value
  }
}
