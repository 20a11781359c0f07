// The records of a scenario. They follow from the seed, so that every start of the program, and the answer that is
// computed apart from it, see the same.

import { type Infer, Types } from 'millrace'
import { SeededRandom } from '@millrace/testing'
import type { Scenario } from './scenario.ts'

/** What flows. */
export const Event = Types.record({
  /** Differs between all records of all streams. */
  id: Types.int,
  key: Types.string,
  /** Event time. */
  time: Types.long,
  value: Types.int,
  /** Makes state large enough for files of its own. */
  text: Types.string,
})
export type Event = Infer<typeof Event>

/** What the broadcast join joins: a rule for each remainder of ids. */
export const Rule = Types.record({ remainder: Types.int, label: Types.string })
export type Rule = Infer<typeof Rule>

/** The records of one stream, in the order in which its source gives them. */
export function eventsOf({ seed, input }: Scenario, stream: number): readonly Event[] {
  const random = new SeededRandom(seed).fork(`events of stream ${stream}`)
  return Array.from({ length: input.recordsPerStream }, (_, index) => ({
    id: index * 2 + stream,
    key: KEYS[random.integer({ min: 0, max: input.keyCount - 1 })] as string,
    // The youngest so far is at index * step + disorder at most.
    time: START_MS + index * input.stepMs + random.integer({ min: 0, max: input.disorderMs }),
    value: random.integer({ min: -10, max: 50 }),
    text: 'x'.repeat(input.textLength),
  }))
}

/** The rules of a broadcast join. */
export function rulesOf(ruleCount: number): readonly Rule[] {
  return Array.from({ length: ruleCount }, (_, remainder) => ({
    remainder,
    label: `rule ${remainder}`,
  }))
}

/** A file that a source reads. */
export interface InputFile {
  readonly path: string
  readonly text: string
}

/** All files that the sources of a scenario read; none if they read no files. */
export function inputFilesOf(scenario: Scenario): readonly InputFile[] {
  const { input } = scenario
  if (input.source.kind !== 'files') return []
  const { fileCount } = input.source
  return Array.from({ length: input.streamCount }, (_, stream) => {
    const events = eventsOf(scenario, stream)
    // Consecutive ones in each, so that time goes on in them.
    return Array.from({ length: fileCount }, (__, file) => ({
      path: `${inputFolder(stream)}/${file}.jsonl`,
      text: events
        .slice(
          Math.floor((events.length * file) / fileCount),
          Math.floor((events.length * (file + 1)) / fileCount),
        )
        .map((event) => `${JSON.stringify(event)}\n`)
        .join(''),
    }))
  }).flat()
}

/** Where the files of a stream lie. */
export function inputFolder(stream: number): string {
  return `/in/${stream}`
}

const START_MS = Date.UTC(2024, 0, 1)

/** Not only letters: keys are hashed and stored as they are. */
const KEYS = Array.from(
  { length: 20 },
  (_, index) => `${['', 'a', 'é', '😀', 'key '][index % 5] ?? ''}${index}`,
)
