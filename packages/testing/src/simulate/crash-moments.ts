// Crashes executors at chosen moments: right after the job master told one to do something. A crash that falls anywhere
// in time seldom hits a deployment, a restore or a commit, which are short.
//
//   job master ── command ──> [ counted here ] ──> executor
//                                   └─ the n-th of its kind: this executor crashes a little later

import type { ExecutorCommand, ExecutorPool } from '@millrace/cluster'
import type { MessageChannelPort } from '@millrace/core'
import type { SimulatedPool } from '../simulator/cluster/simulated-pool.ts'
import type { SeededRandom } from '../simulator/seeded-random.ts'
import type { Simulation } from '../simulator/simulation.ts'
import type { CrashMoment } from './simulate-faults.ts'

/** What {@link CrashMoments} are made from. */
export interface CrashMomentsInit {
  readonly simulation: Simulation
  readonly moments: readonly CrashMoment[]
  readonly threads: number
  /** Crashes at any time fall into so much of it from the start. */
  readonly withinMs: number
  /** The executors of the job that runs now. */
  readonly pool: () => SimulatedPool | undefined
}

/** The crashes of one run, the program's new starts included. */
export class CrashMoments {
  readonly #init: CrashMomentsInit
  readonly #random: SeededRandom
  /** How many commands of its kind each crash still lets pass. */
  readonly #aims: { readonly moment: CrashMoment; left: number }[] = []

  constructor(init: CrashMomentsInit) {
    this.#init = init
    const { simulation, moments, withinMs } = init
    this.#random = simulation.random.fork('crash moments')
    for (const moment of moments) {
      if (moment === 'any-time') {
        simulation.after(this.#random.between({ min: 0, max: withinMs }), () => this.#crashAny())
      } else {
        this.#aims.push({ moment, left: this.#random.integer(this.#commandsOf(moment)) })
      }
    }
  }

  /** The pool, with what its executors are told counted. */
  around(pool: ExecutorPool): ExecutorPool {
    return {
      size: pool.size,
      start: async (index) => {
        const handle = await pool.start(index)
        return {
          index,
          control: this.#counting(handle.control, index),
          onLost: (handler) => handle.onLost(handler),
        }
      },
      connect: (from, to, name) => pool.connect(from, to, name),
      close: () => pool.close(),
    }
  }

  #counting(control: MessageChannelPort, index: number): MessageChannelPort {
    return {
      post: (message, transfer) => {
        control.post(message, transfer)
        this.#told(message as ExecutorCommand, index)
      },
      onMessage: (handler) => control.onMessage(handler),
      close: () => control.close(),
    }
  }

  #told(command: ExecutorCommand, index: number): void {
    for (const aim of [...this.#aims]) {
      if (!isOf(aim.moment, command) || --aim.left > 0) continue
      this.#aims.splice(this.#aims.indexOf(aim), 1)
      const delayMs = this.#random.skewed(REACTION_MS)
      this.#init.simulation.after(delayMs, () => this.#init.pool()?.crash(index))
    }
  }

  #crashAny(): void {
    const { pool, threads } = this.#init
    pool()?.crash(this.#random.integer({ min: 0, max: threads - 1 }))
  }

  /** Each executor is deployed to at least once; checkpoints may be many. */
  #commandsOf(moment: CrashMoment): { readonly min: number; readonly max: number } {
    const { threads } = this.#init
    const rounds = moment === 'deploying' || moment === 'restoring' ? 2 : CHECKPOINTS_SEEN_MAX
    return { min: 1, max: rounds * threads }
  }
}

/** The command arrives, and the executor is at it, or just done. */
const REACTION_MS = { min: 0, max: 10 }

/** Crashes fall into one of the first checkpoints; later ones are like them. */
const CHECKPOINTS_SEEN_MAX = 10

function isOf(moment: CrashMoment, command: ExecutorCommand): boolean {
  switch (moment) {
    case 'deploying':
      return command.kind === 'deploy'
    case 'restoring':
      return command.kind === 'deploy' && command.checkpointId !== null
    case 'taking-a-checkpoint':
      return command.kind === 'trigger-checkpoint'
    case 'committing':
      return command.kind === 'checkpoint-complete'
    case 'any-time':
      return false
  }
}
