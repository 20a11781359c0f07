// Changes one place of a JSON value: what a reader that believes JSON falls over.

import type { SeededRandom } from '@millrace/testing'
import type { JsonValue } from 'millrace'
import { pick } from './mutate-bytes.ts'

/** The same JSON, but one place is something else, is gone, is there twice, or has another name. */
export function mutateJson(text: string, random: SeededRandom): string {
  const json = JSON.parse(text) as JsonValue
  const places = countPlaces(json)
  const mutated = changeAt(json, { left: random.integer({ min: 0, max: places - 1 }) }, random)
  return JSON.stringify(mutated).replace(JSON.stringify(NESTED), () => nested())
}

/** Deeper than any stack of calls goes, and so than `JSON.stringify` can write. */
const NESTED_DEPTH = 20_000

/** Stands for nested JSON until all is text. */
const NESTED = 'nested'

/** Where the one change is: after so many places, in the order in which they are visited. */
interface Countdown {
  left: number
}

function countPlaces(json: JsonValue): number {
  if (typeof json !== 'object' || json === null) return 1
  return Object.values(json).reduce<number>((sum, part) => sum + countPlaces(part), 1)
}

function changeAt(json: JsonValue, countdown: Countdown, random: SeededRandom): JsonValue {
  if (countdown.left-- === 0) return changed(json, random)
  if (typeof json !== 'object' || json === null) return json
  if (Array.isArray(json)) return json.map((element) => changeAt(element, countdown, random))
  return Object.fromEntries(
    Object.entries(json).map(([name, part]) => [name, changeAt(part, countdown, random)]),
  )
}

function changed(json: JsonValue, random: SeededRandom): JsonValue {
  if (typeof json === 'number' && random.chance(0.5))
    return json + pick([-1, 1, 0.5, 2 ** 32], random)
  if (Array.isArray(json) && random.chance(0.5)) return changedArray(json, random)
  if (typeof json === 'object' && json !== null && !Array.isArray(json) && random.chance(0.6)) {
    return changedObject(json as Readonly<Record<string, JsonValue>>, random)
  }
  return pick(VALUES, random)(json)
}

function changedArray(list: readonly JsonValue[], random: SeededRandom): JsonValue {
  const at = random.integer({ min: 0, max: Math.max(0, list.length - 1) })
  const without = list.filter((_, index) => index !== at)
  return pick([without, [...list, ...list], list.toReversed(), []], random)
}

function changedObject(
  object: Readonly<Record<string, JsonValue>>,
  random: SeededRandom,
): JsonValue {
  const entries = Object.entries(object)
  const chosen = pick(entries.length === 0 ? [['', null] as const] : entries, random)
  const rest = entries.filter(([name]) => name !== chosen[0])
  const name = pick(['__proto__', 'constructor', '', '\ud800', 'toString'], random)
  return Object.fromEntries(random.chance(0.5) ? rest : [...rest, [name, chosen[1]]])
}

const VALUES: readonly ((was: JsonValue) => JsonValue)[] = [
  () => null,
  () => true,
  () => 0,
  () => -1,
  () => 0.5,
  () => 2 ** 31,
  () => 2 ** 53,
  () => 1e300,
  () => '',
  () => '__proto__',
  () => 'a',
  () => [],
  () => ({}),
  (was) => [was],
  (was) => ({ kind: 'array', element: was }),
  (was) => ({ kind: 'optional', type: was }),
  () => NESTED,
]

/** A type of a type of a type …, which also nests as plain JSON. */
function nested(): string {
  const open = '{"kind":"nullable","type":'
  return `${open.repeat(NESTED_DEPTH)}{"kind":"int"}${'}'.repeat(NESTED_DEPTH)}`
}
