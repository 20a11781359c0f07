import { threadId } from 'node:worker_threads'
import {
  type Accumulator,
  type ProcessFunction,
  type RuntimeContext,
  type StreamExecutionEnvironment,
  Types,
} from 'millrace'

/** Light work in one slot sharing group and heavy work in another; each says in which thread it is done. */
export default function grouped(env: StreamExecutionEnvironment): void {
  env
    .fromSequence(1, 100)
    .process(() => new NoteThread('light'), { type: Types.long })
    .process(() => new NoteThread('heavy'), { type: Types.long })
    .slotSharingGroup('heavy')
    .process(() => new NoteThread('also heavy'))
    .startNewChain()
    .discard()
}

/** Hands records on, and counts them under the name of its work and its thread. */
class NoteThread implements ProcessFunction<number, number> {
  readonly #work: string
  #count!: Accumulator

  constructor(work: string) {
    this.#work = work
  }

  open(context: RuntimeContext): void {
    this.#count = context.getAccumulator(`${this.#work} ${context.subtaskIndex} in ${threadId}`)
  }

  processElement(value: number, _context: unknown, out: { collect(value: number): void }): void {
    this.#count.add(1)
    out.collect(value)
  }
}
