// A program that ends with its first record: how long it lives is how long a job takes to start.

import { StreamExecutionEnvironment } from 'millrace'

const env = StreamExecutionEnvironment.getExecutionEnvironment()
env
  .fromData(['a', 'b'])
  .keyBy((letter) => letter)
  .map(() => process.exit())
  .discard()
await env.execute()
