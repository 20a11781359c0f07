import {
  type Accumulator,
  type DataStream,
  type ProcessFunction,
  type RuntimeContext,
  type StreamExecutionEnvironment,
  Types,
} from 'millrace'

/** How many numbers each of the two sources emits together. */
export const NUMBERS = 4_000

/** How each reader is reached. */
export const PARTITIONINGS: Readonly<
  Record<string, (numbers: DataStream<number>) => DataStream<number>>
> = {
  rebalance: (numbers) => numbers.rebalance(),
  adaptive: (numbers) => numbers.rebalance({ adaptive: true }),
  rescale: (numbers) => numbers.rescale(),
  shuffle: (numbers) => numbers.shuffle(),
  global: (numbers) => numbers.global(),
  broadcast: (numbers) => numbers.broadcast(),
  hash: (numbers) => numbers.keyBy((n) => n, { type: Types.int }),
  custom: (numbers) =>
    numbers.partitionCustom(
      (remainder: number, count) => remainder % count,
      (n) => n % 8,
    ),
}

/** Sends numbers from two subtasks to four in every way there is, and counts who gets what. */
export default function partitioned(env: StreamExecutionEnvironment): void {
  const numbers = env
    .fromSequence(0, NUMBERS - 1)
    .uid('numbers')
    .setParallelism(2)
  for (const [name, redistribute] of Object.entries(PARTITIONINGS)) {
    countIn(
      name,
      redistribute(numbers)
        .map((n) => n)
        .setParallelism(4),
    )
  }
  countIn(
    'forward',
    numbers
      .forward()
      .map((n) => n)
      .setParallelism(2)
      .startNewChain(),
  )
}

function countIn(name: string, stream: DataStream<number>): void {
  stream
    .forward()
    .process(() => new CountInSubtask(name))
    .setParallelism(name === 'forward' ? 2 : 4)
    .discard()
    .setParallelism(name === 'forward' ? 2 : 4)
}

/** Counts the numbers of each subtask, and adds them up. */
class CountInSubtask implements ProcessFunction<number, number> {
  readonly #name: string
  #count!: Accumulator
  #sum!: Accumulator

  constructor(name: string) {
    this.#name = name
  }

  open(context: RuntimeContext): void {
    this.#count = context.getAccumulator(`${this.#name} ${context.subtaskIndex}`)
    this.#sum = context.getAccumulator(`${this.#name} sum`)
    // Also a subtask that gets nothing has a count.
    this.#count.add(0)
  }

  processElement(value: number): void {
    this.#count.add(1)
    this.#sum.add(value)
  }
}
