import type { Tape } from '@millrace/state'
import type { Replay } from './replay.ts'

/** What was in flight to the operators of one task, played one operator after another. */
export class TaskReplays {
  /** In the order in which they are played: who stands later in the chain has the older records, and is first. */
  readonly #replays: Replay[]
  /** The replay of the task's first operator; it is the last. */
  readonly #head: Replay | undefined

  constructor({
    behindHead,
    head,
  }: {
    readonly behindHead: readonly Replay[]
    readonly head: Replay | undefined
  }) {
    this.#replays = head === undefined ? [...behindHead] : [...behindHead, head]
    this.#head = head
  }

  get isOver(): boolean {
    return this.#replays.length === 0
  }

  /** Plays a frame. */
  playSome(): void {
    if (this.#replays[0]?.playSome() === false) this.#replays.shift()
  }

  /** Plays all that is left in one go, because an aligned snapshot holds state only. */
  finish(): void {
    for (const replay of this.#replays) replay.finish()
    this.#replays.length = 0
  }

  /**
   * Plays what is left to the operators in the middle of the chain in one go: what has come to them from the operator before since is
   * held back, and is in no snapshot. Answers what is left to the first operator.
   */
  restOfHead(): Pick<Tape, 'edges' | 'items'> {
    while (this.#replays.length > 0 && this.#replays[0] !== this.#head) {
      this.#replays.shift()?.finish()
    }
    return this.#replays[0]?.rest() ?? NOTHING
  }
}

const NOTHING: Pick<Tape, 'edges' | 'items'> = { edges: [], items: [] }
