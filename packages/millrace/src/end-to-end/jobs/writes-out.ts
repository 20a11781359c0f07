// Jobs whose sinks reach outside of the program. Where to, the test says in the environment, which threads share.

import {
  AsyncSink,
  FileSink,
  FileSource,
  gzip,
  type MapFunction,
  type RuntimeContext,
  type StreamExecutionEnvironment,
  textLines,
  type ProcessFunction,
  type ProcessContext,
  type Collector,
  Types,
  WatermarkStrategy,
} from 'millrace'

export const NUMBERS = 4000

const lines = { name: 'lines', encode: (value: string) => `${value}\n` }

/** Posts numbers to a server. */
export function posts(env: StreamExecutionEnvironment): void {
  const sink = AsyncSink.of({
    name: 'Server',
    toRequest: (value: number) => value,
    batchRequests: 100,
    batchesInFlight: 3,
    timeInBuffer: '50 ms',
    createClient: () => ({ send: post }),
  })
  numbers(env).sinkTo(sink)
}

/** Reads numbers from compressed files in folders, and writes them to compressed files that are joined, in two folders. */
export function copies(env: StreamExecutionEnvironment): void {
  const folder = process.env['MILLRACE_TEST_FOLDER'] as string
  const source = FileSource.of({ path: `${folder}/in/**/*.gz`, format: textLines() })
  env
    .fromSource(source, WatermarkStrategy.noWatermarks(), 'lines')
    .process(() => new ThrowsOnce<string>(), { type: Types.string })
    .sinkTo(
      FileSink.of({
        path: `${folder}/out`,
        bulkFormat: gzip(lines),
        partSuffix: '.gz',
        buckets: (value: string) => (Number(value) % 2 === 0 ? 'even' : 'odd'),
        compaction: { checkpoints: 3 },
      }),
    )
}

/** What a worker thread runs. */
export default function both(env: StreamExecutionEnvironment): void {
  if (process.env['MILLRACE_TEST_PORT'] === undefined) copies(env)
  else posts(env)
}

function numbers(env: StreamExecutionEnvironment) {
  const identity: MapFunction<number, number> = (index) => index
  return env
    .generate({ count: NUMBERS, recordsPerSecond: 20_000, generator: identity })
    .returns(Types.int)
    .process(() => new ThrowsOnce<number>(), { type: Types.int })
}

async function post(requests: readonly number[]): Promise<readonly number[]> {
  const url = `http://127.0.0.1:${process.env['MILLRACE_TEST_PORT']}/`
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(requests) })
  if (response.status === 429) return requests
  if (response.status !== 200) throw new Error(`the server answered ${response.status}`)
  return (await response.json()) as readonly number[]
}

/** Fails the first attempt after so many records of a subtask. */
class ThrowsOnce<T> implements ProcessFunction<T, T> {
  #isFirstAttempt = false
  #count = 0

  open(context: RuntimeContext): void {
    this.#isFirstAttempt = context.attempt === 0
  }

  processElement(value: T, _context: ProcessContext, out: Collector<T>): void {
    if (this.#isFirstAttempt && ++this.#count > NUMBERS / 4) throw new Error('a passing failure')
    out.collect(value)
  }
}
