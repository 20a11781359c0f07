// Runs the tasks of one slot: builds them from the job's own module, wires their channels, and carries out what
// the job master says. One loop, one thread.

import {
  AccumulatorTotals,
  type FrameCodec,
  type MessageChannelPort,
  type Platform,
  type Timer,
} from '@millrace/core'
import {
  type InputChannel,
  InputGate,
  LocalChannel,
  type OutputChannel,
  PortInputChannel,
  PortOutputChannel,
} from '@millrace/exchange'
import {
  assertSameJobGraph,
  type FunctionTable,
  type JobEdge,
  type JobGraph,
  type JobVertex,
  type SinkMessage,
} from '@millrace/job-graph'
import {
  CheckpointStorage,
  createRecordWriter,
  createTask,
  type RestoredOperator,
  type RestoredState,
  type StateBlob,
  type Task,
  type TaskDeployment,
  TaskLoop,
  type TaskPlan,
} from '@millrace/runtime'
import { type StateHandle, stateFileName } from '@millrace/checkpoint'
import { channelName, sourcesOf, targetsOf } from '../gateways/channel-layout.ts'
import {
  type DeployCommand,
  type ExecutorCommand,
  type ExecutorReport,
  taskName,
} from '../gateways/messages.ts'
import { toWireError } from '../gateways/wire-error.ts'
import { edgeCodec } from './edge-codec.ts'

/** How often running figures are reported. */
const FIGURES_MS = 100

/** A job as this thread has built it. */
export interface LoadedJob {
  readonly graph: JobGraph
  readonly functions: FunctionTable
}

/** What an executor is made from. */
export interface TaskExecutorInit {
  readonly index: number
  /** For error messages: `this thread`, `worker thread 1` … */
  readonly where: string
  readonly platform: Platform
  readonly control: MessageChannelPort
  /** Builds the job's graph in this thread; called once. */
  readonly loadJob: () => Promise<LoadedJob>
}

/** The tasks of one slot. */
export class TaskExecutor {
  readonly #init: TaskExecutorInit
  readonly #loop: TaskLoop
  readonly #ports = new Map<string, MessageChannelPort>()
  #job: Promise<LoadedJob> | undefined
  #deployed: DeployedTasks | undefined
  #canceledAttempt = -1

  constructor(init: TaskExecutorInit) {
    this.#init = init
    this.#loop = new TaskLoop(init.platform)
    init.control.onMessage((message) => this.#onCommand(message as ExecutorCommand))
  }

  /** Takes this executor's end of a channel to another one. */
  acceptPort(name: string, port: MessageChannelPort): void {
    this.#ports.set(name, port)
  }

  #onCommand(command: ExecutorCommand): void {
    if (command.kind === 'deploy') {
      void this.#deploy(command)
      return
    }
    if (command.kind === 'cancel') {
      this.#canceledAttempt = command.attempt
      this.#closePortsOf(command.attempt)
    }
    const deployed = this.#deployed
    if (deployed === undefined || deployed.attempt !== command.attempt) {
      if (command.kind === 'cancel') this.#report({ kind: 'canceled', attempt: command.attempt })
      return
    }
    switch (command.kind) {
      case 'start':
        return deployed.start()
      case 'source-command':
        return deployed.tellSource(command)
      case 'trigger-checkpoint':
        return deployed.trigger(command.barrier)
      case 'checkpoint-complete':
        return void deployed.complete(command.checkpointId)
      case 'checkpoint-aborted':
        return deployed.tell((task) => task.notifyCheckpointAborted(command.checkpointId))
      case 'checkpoint-subsumed':
        return deployed.tell((task) => task.notifyCheckpointSubsumed(command.checkpointId))
      case 'client-message':
        return deployed.handleClientMessage(command)
      case 'finish':
        return void deployed.finish()
      case 'cancel':
        this.#deployed = undefined
        return void deployed.cancel()
    }
  }

  async #deploy(command: DeployCommand): Promise<void> {
    const { attempt } = command
    try {
      this.#job ??= this.#init.loadJob()
      const job = await this.#job
      if (attempt <= this.#canceledAttempt) return
      assertSameJobGraph(command.graph, job.graph, this.#init.where)
      const deployed = new DeployedTasks({
        command,
        job,
        index: this.#init.index,
        platform: this.#init.platform,
        loop: this.#loop,
        takePort: (name) => this.#takePort(name),
        report: (report) => this.#report(report),
      })
      this.#deployed = deployed
      await deployed.open()
    } catch (error) {
      this.#report({ kind: 'failed', attempt, error: toWireError(error) })
    }
  }

  #takePort(name: string): MessageChannelPort {
    const port = this.#ports.get(name)
    if (port === undefined) throw new Error(`no port for the channel ${name}`)
    this.#ports.delete(name)
    return port
  }

  /** Channels of an attempt that was canceled before its tasks took them. */
  #closePortsOf(attempt: number): void {
    for (const [name, port] of this.#ports) {
      if (!name.startsWith(`${attempt}/`)) continue
      port.close()
      this.#ports.delete(name)
    }
  }

  #report(report: ExecutorReport): void {
    this.#init.control.post(report)
  }
}

type SourceMessage = ExecutorCommand & { readonly kind: 'source-command' }

interface DeployedTasksInit {
  readonly command: DeployCommand
  readonly job: LoadedJob
  readonly index: number
  readonly platform: Platform
  readonly loop: TaskLoop
  readonly takePort: (name: string) => MessageChannelPort
  readonly report: (report: ExecutorReport) => void
}

/** The tasks of one attempt. */
class DeployedTasks {
  readonly attempt: number
  readonly #init: DeployedTasksInit
  readonly #storage: CheckpointStorage | undefined
  readonly #tasks = new Map<string, Task>()
  readonly #localChannels = new Map<string, LocalChannel<unknown>>()
  readonly #untypedEdges = new Set<string>()
  #figuresTimer: Timer | undefined
  #isOver = false

  constructor(init: DeployedTasksInit) {
    this.#init = init
    this.attempt = init.command.attempt
    const directory = init.command.settings.checkpointing?.directory ?? null
    this.#storage =
      directory === null ? undefined : new CheckpointStorage(init.platform.files, directory)
  }

  /** Creates and opens all tasks, then reports it. */
  async open(): Promise<void> {
    const deployments = this.#init.command.tasks
    const restored = await Promise.all(deployments.map((deployment) => this.#restore(deployment)))
    if (this.#isOver) return
    deployments.forEach((deployment, i) => {
      const name = taskName(deployment.vertexId, deployment.subtaskIndex)
      this.#tasks.set(name, this.#create(deployment, restored[i] ?? new Map()))
    })
    await Promise.all([...this.#tasks.values()].map((task) => task.open()))
    const areAllOpen = [...this.#tasks.values()].every((task) => task.state === 'open')
    if (areAllOpen && !this.#isOver) this.#report({ kind: 'opened', attempt: this.attempt })
  }

  start(): void {
    for (const task of this.#tasks.values()) task.start()
    // At once: these replace the figures of the attempt before.
    this.#reportFigures()
    this.#armFigures()
  }

  /** As mail, like the triggers of checkpoints, so that they stay in order. */
  tellSource({ vertexId, subtaskIndex, command }: SourceMessage): void {
    const task = this.#tasks.get(taskName(vertexId, subtaskIndex))
    if (task === undefined) return
    this.#init.loop.enqueue(() => task.run(() => task.handleSourceCommand(command)))
  }

  trigger(barrier: Parameters<Task['triggerCheckpoint']>[0]): void {
    for (const vertex of this.#sourceVertices()) {
      for (const task of this.#tasksOf(vertex)) {
        this.#init.loop.enqueue(() => task.runCommand(() => task.triggerCheckpoint(barrier)))
      }
    }
  }

  handleClientMessage({ uid, subtaskIndex, message }: SinkMessage): void {
    const { graph } = this.#init.job
    const vertex = graph.vertices.find(({ operators }) =>
      operators.some((operator) => operator.uid === uid),
    )
    const task = this.#tasks.get(taskName(vertex?.id ?? uid, subtaskIndex))
    this.#init.loop.enqueue(() => task?.handleClientMessage(uid, message))
  }

  async complete(checkpointId: number): Promise<void> {
    const notified = [...this.#tasks.values()].map(async (task) => {
      try {
        await task.notifyCheckpointComplete(checkpointId)
      } catch (error) {
        task.fail(error)
        throw error
      }
    })
    const results = await Promise.allSettled(notified)
    if (results.some(({ status }) => status === 'rejected')) return
    const needsCheckpoint = [...this.#tasks.values()].some((task) => task.needsCheckpoint)
    this.#report({ kind: 'committed', attempt: this.attempt, checkpointId, needsCheckpoint })
  }

  /** Calls every task, between its records. */
  tell(call: (task: Task) => void): void {
    for (const task of this.#tasks.values()) {
      this.#init.loop.enqueue(() => task.runCommand(() => call(task)))
    }
  }

  async finish(): Promise<void> {
    this.#reportFigures()
    this.#end()
    try {
      await Promise.all([...this.#tasks.values()].map((task) => task.finish()))
      this.#report({ kind: 'finished', attempt: this.attempt })
    } catch (error) {
      this.#report({ kind: 'failed', attempt: this.attempt, error: toWireError(error) })
    }
  }

  async cancel(): Promise<void> {
    if (this.#figuresTimer !== undefined) this.#reportFigures()
    this.#end()
    await Promise.all([...this.#tasks.values()].map((task) => task.cancel()))
    this.#report({ kind: 'canceled', attempt: this.attempt })
  }

  #end(): void {
    this.#isOver = true
    this.#figuresTimer?.cancel()
  }

  #create(deployment: TaskDeployment, restored: ReadonlyMap<string, RestoredOperator>): Task {
    const { command, job, platform, loop } = this.#init
    const { subtaskIndex, vertexId } = deployment
    const vertex = vertexOf(job.graph, vertexId)
    const name = taskName(vertexId, subtaskIndex)
    return createTask({
      platform,
      loop,
      functions: job.functions,
      jobName: job.graph.jobName,
      vertex,
      subtaskIndex,
      attempt: command.attempt,
      runId: command.runId,
      autoWatermarkIntervalMs: command.settings.autoWatermarkIntervalMs,
      bufferTimeoutMs: command.settings.bufferTimeoutMs,
      globalJobParameters: command.settings.globalJobParameters,
      cachedFiles: command.settings.cachedFiles,
      hasCheckpoints: command.settings.checkpointing !== null,
      gate: this.#gate(vertex, subtaskIndex, { isFeedback: false }),
      feedback: this.#gate(vertex, subtaskIndex, { isFeedback: true }),
      writers: this.#writers(vertex, subtaskIndex),
      restored,
      listener: this.#listener(name),
      storeState: (blob) => this.#storeState(blob),
      sendToClient: (uid, payload) =>
        this.#report({ kind: 'collected', attempt: this.attempt, uid, subtaskIndex, payload }),
      sendSourceEvent: (event) =>
        this.#report({
          kind: 'source-event',
          attempt: this.attempt,
          vertexId,
          subtaskIndex,
          event,
        }),
    })
  }

  #listener(task: string): TaskPlan['listener'] {
    const { attempt } = this
    return {
      onDrained: () => this.#report({ kind: 'drained', attempt, task }),
      onAcknowledged: (checkpointId, acknowledgement) =>
        this.#report({ kind: 'acknowledged', attempt, task, checkpointId, ...acknowledgement }),
      onDeclined: (checkpointId, error) =>
        this.#report({ kind: 'declined', attempt, task, checkpointId, error: toWireError(error) }),
      onFailed: (error) => this.#report({ kind: 'failed', attempt, error: toWireError(error) }),
    }
  }

  async #storeState({
    checkpointId,
    uid,
    subtaskIndex,
    slot,
    bytes,
  }: StateBlob): Promise<StateHandle> {
    if (this.#storage === undefined) return { kind: 'inline', bytes: new Uint8Array(bytes) }
    return this.#storage.writeState(checkpointId, stateFileName({ uid, subtaskIndex, slot }), bytes)
  }

  async #restore(deployment: TaskDeployment): Promise<ReadonlyMap<string, RestoredOperator>> {
    const entries = Object.entries(deployment.restored).map(
      async ([uid, state]): Promise<[string, RestoredOperator]> => [uid, await this.#read(state)],
    )
    return new Map(await Promise.all(entries))
  }

  async #read({ isFinished, parallelism, slots }: RestoredState): Promise<RestoredOperator> {
    const { checkpointId } = this.#init.command
    const read = await Promise.all(
      Object.entries(slots).map(async ([slot, handles]) => {
        const blobs = handles.map(async ({ subtaskIndex, handle }) => ({
          subtaskIndex,
          bytes:
            handle.kind === 'inline' || this.#storage === undefined || checkpointId === null
              ? inlineBytes(handle)
              : await this.#storage.readState(checkpointId, handle),
        }))
        return [slot, await Promise.all(blobs)] as const
      }),
    )
    const bySlot = new Map(read)
    return {
      isRestored: true,
      checkpointId: checkpointId ?? undefined,
      isFinished,
      parallelism,
      slot: (name) => bySlot.get(name) ?? [],
    }
  }

  #gate(
    vertex: JobVertex,
    subtaskIndex: number,
    { isFeedback }: { readonly isFeedback: boolean },
  ): InputGate {
    const { graph } = this.#init.job
    return new InputGate(
      graph.edges
        .filter((edge) => edge.toVertex === vertex.id && (edge.isFeedback ?? false) === isFeedback)
        .flatMap((edge) =>
          sourcesOf(edge, subtaskIndex, vertexOf(graph, edge.fromVertex), vertex).map((from) => ({
            channel: this.#inputChannel(edge, from, subtaskIndex),
            input: edge.toInput,
            origin: {
              edge: edge.id,
              subtask: from,
              parallelism: vertexOf(graph, edge.fromVertex).parallelism,
            },
          })),
        ),
    )
  }

  #writers(vertex: JobVertex, subtaskIndex: number): TaskPlan['writers'] {
    const { graph, functions } = this.#init.job
    const { random } = this.#init.platform
    return graph.edges
      .filter((edge) => edge.fromVertex === vertex.id)
      .map((edge) => {
        const target = vertexOf(graph, edge.toVertex)
        const channels = targetsOf(edge, subtaskIndex, vertex, target).map((to) =>
          this.#outputChannel(edge, subtaskIndex, to),
        )
        return {
          edge,
          writer: createRecordWriter({ edge, target, functions, subtaskIndex, channels, random }),
        }
      })
  }

  #inputChannel(edge: JobEdge, from: number, to: number): InputChannel<unknown> {
    if (this.#isHere(edge.fromVertex, from)) return this.#localChannel(edge, from, to)
    const port = this.#init.takePort(`${this.attempt}/${channelName(edge, from, to)}`)
    return new PortInputChannel(port, this.#codec(edge), () => this.#wake(edge.toVertex, to))
  }

  #outputChannel(edge: JobEdge, from: number, to: number): OutputChannel<unknown> {
    if (this.#isHere(edge.toVertex, to)) return this.#localChannel(edge, from, to)
    if (from === 0) this.#warnIfUntyped(edge)
    const port = this.#init.takePort(`${this.attempt}/${channelName(edge, from, to)}`)
    return new PortOutputChannel(port, this.#codec(edge), () => this.#wake(edge.fromVertex, from))
  }

  #codec(edge: JobEdge): FrameCodec<unknown> {
    return edgeCodec(edge, this.#init.job.graph)
  }

  /** Once for each edge: only its first subtask says so, at its first start. */
  #warnIfUntyped(edge: JobEdge): void {
    if (edge.type.kind !== 'any' || this.attempt > 0 || this.#untypedEdges.has(edge.id)) return
    this.#untypedEdges.add(edge.id)
    const { name } = vertexOf(this.#init.job.graph, edge.fromVertex)
    this.#init.platform.log.warn(
      `the records that '${name}' sends to other threads have no type: they are written by msgpackr, about nine times ` +
        'slower. Give them one, with .returns(Types.record({ … })) or the option type.',
    )
  }

  #localChannel(edge: JobEdge, from: number, to: number): LocalChannel<unknown> {
    const name = channelName(edge, from, to)
    let channel = this.#localChannels.get(name)
    if (channel === undefined) {
      channel = new LocalChannel({
        onInput: () => this.#wake(edge.toVertex, to),
        onReady: () => this.#wake(edge.fromVertex, from),
      })
      this.#localChannels.set(name, channel)
    }
    return channel
  }

  #isHere(vertexId: string, subtaskIndex: number): boolean {
    return this.#init.command.placement[vertexId]?.[subtaskIndex] === this.#init.index
  }

  #wake(vertexId: string, subtaskIndex: number): void {
    const task = this.#tasks.get(taskName(vertexId, subtaskIndex))
    if (task !== undefined) this.#init.loop.wake(task)
  }

  #sourceVertices(): readonly JobVertex[] {
    const { graph } = this.#init.job
    const readers = new Set(graph.edges.map((edge) => edge.toVertex))
    return graph.vertices.filter((vertex) => !readers.has(vertex.id))
  }

  #tasksOf(vertex: JobVertex): readonly Task[] {
    return Array.from({ length: vertex.parallelism }, (_, subtask) =>
      this.#tasks.get(taskName(vertex.id, subtask)),
    ).filter((task) => task !== undefined)
  }

  #armFigures(): void {
    this.#figuresTimer = this.#init.platform.timers.after(FIGURES_MS, () => {
      this.#reportFigures()
      this.#armFigures()
    })
  }

  #reportFigures(): void {
    const totals = new AccumulatorTotals()
    const sourceRecords: Record<string, number> = {}
    for (const task of this.#tasks.values()) {
      task.addAccumulatorsInto(totals)
      const source = task.sourceRecords
      if (source !== undefined) {
        sourceRecords[source.uid] = (sourceRecords[source.uid] ?? 0) + source.count
      }
    }
    this.#report({
      kind: 'figures',
      attempt: this.attempt,
      accumulators: totals.report,
      sourceRecords,
    })
  }

  #report(report: ExecutorReport): void {
    this.#init.report(report)
  }
}

function vertexOf(graph: JobGraph, vertexId: string): JobVertex {
  const vertex = graph.vertices.find(({ id }) => id === vertexId)
  if (vertex === undefined) throw new Error(`no vertex ${vertexId} in the job graph`)
  return vertex
}

function inlineBytes(handle: StateHandle): Uint8Array {
  if (handle.kind === 'inline') return handle.bytes
  throw new Error(`state file ${handle.path} without a checkpoint directory`)
}
