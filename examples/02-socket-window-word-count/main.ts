// Counts words that come in over a socket, every five seconds. In one terminal let netcat send what you type, in another
// start the program, then type some lines:
//
//   nc -lk 9999
//   npx node --conditions=source examples/02-socket-window-word-count/main.ts --hostname localhost --port 9999
//
// It ends when the server ends the connection, which also ends the window that is open; or with Ctrl-C.

import { parseArgs } from 'node:util'
import { StreamExecutionEnvironment, TumblingProcessingTimeWindows, Types } from 'millrace'

const { values: options } = parseArgs({
  options: {
    hostname: { type: 'string', default: 'localhost' },
    port: { type: 'string', default: '9999' },
  },
})

const WordCount = Types.record({ word: Types.string, count: Types.int })

const env = StreamExecutionEnvironment.getExecutionEnvironment()
env
  .socketTextStream(options.hostname, Number(options.port))
  .flatMap(
    (line) =>
      line
        .split(/\s+/)
        .filter((word) => word !== '')
        .map((word) => ({ word, count: 1 })),
    { type: WordCount },
  )
  .keyBy(({ word }) => word, { type: Types.string })
  .window(TumblingProcessingTimeWindows.of('5 s'))
  .reduce((a, b) => ({ word: a.word, count: a.count + b.count }))
  .print()
await env.execute('Socket Window WordCount')
