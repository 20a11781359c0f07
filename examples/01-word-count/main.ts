// Word count over a text, the licence of this repository or another file:
//
//   npx node --conditions=source examples/01-word-count/main.ts [file]
//
// A keyed sum emits the new count with every word; the last one of each word is its total.

import { fileURLToPath } from 'node:url'
import {
  FileSource,
  StreamExecutionEnvironment,
  textLines,
  Types,
  WatermarkStrategy,
} from 'millrace'

const LICENSE = fileURLToPath(new URL('../../LICENSE', import.meta.url))
const SHOWN_MAX = 10

const [path = LICENSE] = process.argv.slice(2)

const WordCount = Types.record({ word: Types.string, count: Types.int })

const env = StreamExecutionEnvironment.getExecutionEnvironment()
const counts = await env
  .fromSource(
    FileSource.of({ path, format: textLines() }),
    WatermarkStrategy.noWatermarks<string>(),
    'lines',
  )
  .flatMap((line) => wordsOf(line).map((word) => ({ word, count: 1 })), { type: WordCount })
  .keyBy(({ word }) => word, { type: Types.string })
  .sum('count')
  .executeAndCollect('word count')

const totals = new Map(counts.map(({ word, count }) => [word, count]))
const mostFrequent = [...totals].sort(byCountThenWord).slice(0, SHOWN_MAX)
for (const [word, count] of mostFrequent) console.log(`${String(count).padStart(6)}  ${word}`)
console.log(`${counts.length} words, ${totals.size} different ones`)

function wordsOf(line: string): readonly string[] {
  return line.toLowerCase().match(/[\p{L}\p{N}']+/gu) ?? []
}

type Total = readonly [word: string, count: number]

function byCountThenWord([wordA, a]: Total, [wordB, b]: Total): number {
  return b - a || (wordA < wordB ? -1 : 1)
}
