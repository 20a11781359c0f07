// What runs in a worker thread: loads the job's module, whose `execute()` here only hands over the graph, and runs
// the tasks that the job master sends. The bundle of a job ends with a call of `runWorker`.

import { parentPort, workerData, type MessagePort } from 'node:worker_threads'
import { type MessageChannelPort, MillraceError, show } from '@millrace/core'
import { nodePlatform, nodePort } from '@millrace/core/node'
import type { JobExecutor, JobSubmission, OperatorDefaults } from '@millrace/job-graph'
import { type LoadedJob, TaskExecutor } from '../task-executor/task-executor.ts'

/** A message that lays a channel, beside the commands of the job master. */
export interface ConnectMessage {
  readonly kind: 'connect'
  readonly name: string
  readonly port: MessagePort
}

/** What a worker thread is started with. */
export interface WorkerData {
  readonly index: number
  readonly defaults: OperatorDefaults
}

/** What the bundle of a job gives to {@link runWorker}. */
export interface WorkerJob {
  /** Imports the job's module. */
  readonly importJob: () => Promise<{ readonly default?: unknown }>
  /** Makes every environment of the module submit to this executor. */
  readonly installExecutor: (executor: JobExecutor) => void
  /** An environment for a module that exports a function of one. */
  readonly createEnvironment: (options: {
    readonly parallelism: number
    readonly maxParallelism?: number
    readonly operatorChaining?: boolean
  }) => { execute(): Promise<unknown> }
}

/** Runs in a worker thread until the thread is ended. */
export function runWorker(job: WorkerJob): void {
  const { index, defaults } = workerData as WorkerData
  if (parentPort === null) throw new Error('runWorker runs in a worker thread')
  const commands = new CommandPort(parentPort)
  const executor = new TaskExecutor({
    index,
    where: `worker thread ${index + 1}`,
    platform: nodePlatform(),
    control: commands,
    loadJob: () => captureJob(job, defaults),
  })
  commands.onConnect = ({ name, port }) => executor.acceptPort(name, nodePort(port))
}

/** Builds the job's graph by running its module up to `execute()`, which never returns here. */
function captureJob(job: WorkerJob, defaults: OperatorDefaults): Promise<LoadedJob> {
  return new Promise((resolve, reject) => {
    const submitted = ({ graph, functions }: JobSubmission): Promise<never> => {
      resolve({ graph, functions })
      return new Promise(() => {})
    }
    job.installExecutor({ submit: submitted })
    importAndBuild(job, defaults).then(
      () =>
        reject(
          new MillraceError('JOB_MODULE_INVALID', {
            expected:
              'a job module that calls env.execute(), or exports a function that builds the job',
            came: 'a module that did neither in a worker thread',
            todo: 'Let the module itself build and execute the job, without asking whether it is the main program.',
          }),
        ),
      (error: unknown) => reject(moduleFailure(error)),
    )
  })
}

function moduleFailure(error: unknown): MillraceError {
  if (error instanceof MillraceError) return error
  return new MillraceError('JOB_MODULE_INVALID', {
    expected: 'the job module to build the job in a worker thread, as it did in the main thread',
    came: error instanceof Error ? `${error.name}: ${error.message}` : show(error),
    todo: 'Its cause has the stack trace.',
    cause: error,
  })
}

async function importAndBuild(
  job: WorkerJob,
  { parallelism, maxParallelism, chaining }: OperatorDefaults,
): Promise<void> {
  const module = await job.importJob()
  if (typeof module.default !== 'function') return
  const env = job.createEnvironment({
    parallelism,
    operatorChaining: chaining ?? true,
    ...(maxParallelism === null ? {} : { maxParallelism }),
  })
  await module.default(env)
  await env.execute()
}

/** The thread's port to the job master, with the messages that lay channels taken out. */
class CommandPort implements MessageChannelPort {
  onConnect: (message: ConnectMessage) => void = () => {}
  readonly #port: NonNullable<typeof parentPort>

  constructor(port: NonNullable<typeof parentPort>) {
    this.#port = port
  }

  post(message: unknown): void {
    this.#port.postMessage(message)
  }

  onMessage(handler: (message: unknown) => void): void {
    this.#port.on('message', (message: { readonly kind: string }) => {
      if (message.kind === 'connect') this.onConnect(message as ConnectMessage)
      else handler(message)
    })
  }

  close(): void {
    this.#port.close()
  }
}
