// docs/reference/features.md says what works. What it says has a test, and no feature that was promised is missing.

import { posix } from 'node:path'
import { withoutCodeBlocks } from './markdown.ts'
import type { Finding, Repository } from './repository.ts'

/** The page that lists the features. */
export const FEATURES = 'docs/reference/features.md'

/** Features of which the page must speak: of the DataStream API, windows, event time and state. */
export const PROMISED: readonly string[] = [
  ...ids('DS', 3, 31),
  ...['DS-33', 'DS-35', 'DS-37'],
  ...ids('WI', 1, 11),
  ...ids('EV', 1, 9),
  ...ids('ST', 1, 4),
  ...['ST-06', 'ST-10', 'ST-11', 'ST-12'],
]

const STATES = /^(works|not yet|partly: \S.*)$/

interface Row {
  readonly line: number
  readonly id: string
  readonly state: string
  readonly proof: string
}

export function checkFeatures(repository: Repository): readonly Finding[] {
  if (!repository.has(FEATURES)) return [{ path: FEATURES, message: 'is missing' }]
  const rows = rowsOf(repository.read(FEATURES))
  const known = new Set(rows.map(({ id }) => id))
  return [
    ...rows.flatMap((row, index) =>
      [
        ...problemsOf(repository, row),
        ...(rows.findIndex(({ id }) => id === row.id) < index ? ['stands there twice'] : []),
      ].map((problem) => ({
        path: FEATURES,
        line: row.line,
        message: `${row.id} ${problem}`,
      })),
    ),
    ...PROMISED.filter((id) => !known.has(id)).map((id) => ({
      path: FEATURES,
      message: `does not list ${id}`,
    })),
  ]
}

/** The rows of all tables whose first cell is an ID. */
function rowsOf(text: string): readonly Row[] {
  return withoutCodeBlocks(text)
    .split('\n')
    .flatMap((line, index) => {
      const [id = '', , state = '', proof = ''] = line
        .split('|')
        .slice(1)
        .map((cell) => cell.trim())
      return /^[A-Z]{2}-\d+$/.test(id) ? [{ line: index + 1, id, state, proof }] : []
    })
}

function problemsOf(repository: Repository, { state, proof }: Row): readonly string[] {
  if (!STATES.test(state)) {
    return [`is "${state}", which is none of works, not yet, partly: what is missing`]
  }
  if (state !== 'works') return []
  const tests = [...proof.matchAll(/\]\(([^)\s]+\.test\.ts)\)/g)].map(([, link = '']) =>
    posix.join(posix.dirname(FEATURES), link),
  )
  if (tests.length === 0) return ['works and has no test']
  return tests
    .filter((path) => !repository.has(path))
    .map((path) => `works by a test that is not there: ${path}`)
}

function ids(area: string, from: number, to: number): readonly string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => {
    return `${area}-${String(from + index).padStart(2, '0')}`
  })
}
