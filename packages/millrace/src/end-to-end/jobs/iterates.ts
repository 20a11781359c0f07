// A module that runs a job itself and reads its records in a loop. Prints how many it read.

import { StreamExecutionEnvironment, Types } from 'millrace'

const env = StreamExecutionEnvironment.getExecutionEnvironment({
  threads: 2,
  parallelism: 2,
  module: import.meta.url,
})
const numbers = env
  .generate({ generator: (index) => index, type: Types.int })
  .keyBy((n) => n % 10, { type: Types.int })
  .reduce((left, right) => left + right)
const read: number[] = []
for await (const n of numbers.executeAndIterate('endless sums')) {
  if (read.push(n) === 1000) break
}
process.stdout.write(`${read.length}\n`)
