// Runs the query that the command line names on two worker threads and prints each result as a line of JSON. For the tests:
// worker threads load a file, so the job cannot stand in the test itself.

import { StreamExecutionEnvironment } from 'millrace'
import { nexmarkEvents } from '../job.ts'
import { q11 } from './q11.ts'
import { q5 } from './q5.ts'
import { q7 } from './q7.ts'

const [name, events, eventsPerSecond] = process.argv.slice(2)
const env = StreamExecutionEnvironment.getExecutionEnvironment({
  parallelism: 2,
  threads: 2,
  module: import.meta.url,
})
const stream = nexmarkEvents(env, {
  events: Number(events),
  eventsPerSecond: Number(eventsPerSecond),
})
const query = { q5, q7, q11 }[String(name)]
if (query === undefined) throw new TypeError(`expected q5, q7 or q11, but got '${name}'`)
for (const result of await query(stream).executeAndCollect()) console.log(JSON.stringify(result))
