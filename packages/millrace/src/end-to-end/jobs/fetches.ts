// A source whose reader fetches in the background, as that of a broker does, in a job that fails twice.

import {
  type Accumulator,
  type FetchedBatch,
  type JsonValue,
  type ProcessFunction,
  type RuntimeContext,
  type Source,
  type SourceReader,
  type SourceReaderContext,
  type SourceSplit,
  type SplitEnumerator,
  type SplitEnumeratorContext,
  SplitFetcherReader,
  type SplitReader,
  staticSplitEnumerator,
  type StreamExecutionEnvironment,
  Types,
  WatermarkStrategy,
} from 'millrace'

export const PARTITIONS = 5
export const PARTITION_RECORDS = 2_000

interface Partition extends SourceSplit {
  readonly first: number
  /** The records of it that were emitted. */
  offset: number
}

/** Adds up the numbers of all partitions. */
export default function fetches(env: StreamExecutionEnvironment): void {
  for (const fetchers of ['one', 'one-per-split'] as const) {
    env
      .fromSource(brokerOf(fetchers), WatermarkStrategy.noWatermarks<number>(), fetchers)
      .returns(Types.int)
      .process(() => new SumAndFail(fetchers), { type: Types.int })
      .discard()
  }
}

function brokerOf(fetchers: 'one' | 'one-per-split'): Source<number, Partition> {
  return {
    name: 'Broker',
    boundedness: 'bounded',
    type: undefined,
    describe: () => ({ source: 'broker', fetchers }),
    createEnumerator: (
      context: SplitEnumeratorContext<Partition>,
      restored: JsonValue | undefined,
    ): SplitEnumerator<Partition> => {
      const findSplits = (): readonly Partition[] =>
        Array.from({ length: PARTITIONS }, (_, index) => ({
          splitId: `partition ${index}`,
          first: index * PARTITION_RECORDS,
          offset: 0,
        }))
      return staticSplitEnumerator({ context, restored, findSplits })
    },
    createReader: (context: SourceReaderContext): SourceReader<number, Partition> =>
      new SplitFetcherReader<number, number, Partition>({
        context,
        fetchers,
        createSplitReader: () => new PartitionReader(),
        emit: (record, output, split) => {
          output.collect(record)
          split.offset++
        },
      }),
  }
}

/** Answers a few records of each partition after a moment. */
class PartitionReader implements SplitReader<number, Partition> {
  readonly #positions = new Map<string, { readonly first: number; offset: number }>()

  addSplits(splits: readonly Partition[]): void {
    for (const { splitId, first, offset } of splits) this.#positions.set(splitId, { first, offset })
  }

  async fetch(): Promise<FetchedBatch<number>> {
    await new Promise((resolve) => setTimeout(resolve, 1))
    const splits: { splitId: string; records: number[] }[] = []
    const finishedSplits: string[] = []
    for (const [splitId, position] of this.#positions) {
      const count = Math.min(30, PARTITION_RECORDS - position.offset)
      const begin = position.first + position.offset
      splits.push({ splitId, records: Array.from({ length: count }, (_, index) => begin + index) })
      position.offset += count
      if (position.offset < PARTITION_RECORDS) continue
      finishedSplits.push(splitId)
      this.#positions.delete(splitId)
    }
    return { splits, finishedSplits }
  }

  wakeUp(): void {}

  close(): void {}
}

class SumAndFail implements ProcessFunction<number, number> {
  readonly #name: string
  #failsAfter = 0
  #count = 0
  #sum!: Accumulator
  #records!: Accumulator

  constructor(name: string) {
    this.#name = name
  }

  open(context: RuntimeContext): void {
    this.#failsAfter = [1_000, 1_500][context.attempt] ?? Number.POSITIVE_INFINITY
    this.#sum = context.getAccumulator(`${this.#name}: sum`)
    this.#records = context.getAccumulator(`${this.#name}: records`)
  }

  processElement(value: number): void {
    if (++this.#count > this.#failsAfter) throw new Error('now and then')
    this.#sum.add(value)
    this.#records.add(1)
  }
}
