// A description of a checkpoint as text for people.

import { timeText } from '@millrace/core'
import type {
  CheckpointDescription,
  KeyedStateDescription,
  OperatorDescription,
  OperatorStateDescription,
} from './checkpoint-description.ts'

/**
 * A description as text, with a line for each state. Times are UTC.
 *
 * @example
 * ```ts
 * import { formatCheckpoint } from 'millrace'
 *
 * const text = formatCheckpoint({
 *   path: 'checkpoints/chk-7',
 *   checkpointId: 7,
 *   kind: 'checkpoint',
 *   formatVersion: 2,
 *   jobName: 'word count',
 *   graphHash: 'ab12',
 *   triggeredAtMs: 1000,
 *   completedAtMs: 1200,
 *   stateBytes: 0,
 *   isVerified: true,
 *   operators: [],
 * })
 * console.log(text.split('\n')[0]) // checkpoint 7 of 'word count', checkpoints/chk-7
 * ```
 */
export function formatCheckpoint(description: CheckpointDescription): string {
  const { checkpointId, kind, jobName, path, formatVersion, graphHash } = description
  const { triggeredAtMs, completedAtMs, stateBytes, isVerified, operators } = description
  const name = kind === 'final' ? 'final checkpoint' : kind
  return [
    `${name} ${checkpointId} of '${jobName}', ${path}`,
    `  triggered ${timeText(triggeredAtMs)}, complete after ${completedAtMs - triggeredAtMs} ms`,
    `  ${bytesText(stateBytes)} of state, ${isVerified ? 'all checksums right' : 'checksums not compared'}`,
    `  format ${formatVersion}, plan ${graphHash}`,
    ...operators.flatMap(operatorLines),
  ].join('\n')
}

function operatorLines(operator: OperatorDescription): readonly string[] {
  const { uid, name, kind, parallelism, maxParallelism, finishedSubtasks, stateBytes } = operator
  const finished = finishedSubtasks === 0 ? '' : `, ${finishedSubtasks} finished`
  const { inFlightBytes, splits, enumerator } = operator
  return [
    '',
    `${uid}: ${name} (${kind}), parallelism ${parallelism} of ${maxParallelism}${finished}, ${bytesText(stateBytes)}`,
    ...operator.keyedStates.flatMap(keyedLines),
    ...operator.operatorStates.map(operatorStateLine),
    ...Object.entries(operator.times).map(([slot, time]) => `  time ${slot}: ${timeText(time)}`),
    ...splits.map((split) => `  split ${JSON.stringify(split)}`),
    ...(enumerator === undefined ? [] : [`  enumerator ${JSON.stringify(enumerator)}`]),
    ...Object.entries(operator.lists)
      .filter(([, count]) => count > 0)
      .map(([slot, count]) => `  ${slot}: ${counted(count, 'element')}`),
    ...Object.entries(operator.accumulators).map(
      ([slot, what]) => `  accumulator ${slot}: ${what}`,
    ),
    ...(inFlightBytes === 0 ? [] : [`  in flight: ${bytesText(inFlightBytes)}`]),
  ]
}

function keyedLines(state: KeyedStateDescription): readonly string[] {
  const { name, kind, keyType, valueType, hasTimeToLive, entries, bytes, keyGroups } = state
  const type = valueType === undefined ? keyType : `${keyType} -> ${valueType}`
  const lives = hasTimeToLive ? ', with time to live' : ''
  const { count, largest, smallest, histogram } = keyGroups
  const line = `  ${kind} ${name}: ${type}${lives}, ${entriesText(entries)}, ${bytesText(bytes)}`
  if (largest === undefined || smallest === undefined) return [line]
  const sizes = histogram.map((each) => `${each.keyGroups} below ${bytesText(each.bytesBelow)}`)
  return [
    line,
    `    ${counted(count, 'key group')}, from ${bytesText(smallest.bytes)} (group ${smallest.keyGroup})` +
      ` to ${bytesText(largest.bytes)} (group ${largest.keyGroup}): ${sizes.join(', ')}`,
  ]
}

function operatorStateLine(state: OperatorStateDescription): string {
  const { name, mode, keyType, valueType, entries, bytes } = state
  const what = mode === 'broadcast' ? 'broadcast' : `${mode} list`
  const type = valueType === undefined ? keyType : `${keyType} -> ${valueType}`
  return `  ${what} ${name}: ${type}, ${entriesText(entries)}, ${bytesText(bytes)}`
}

function entriesText(entries: number): string {
  return entries === 1 ? '1 entry' : `${entries} entries`
}

function counted(count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

function bytesText(bytes: number): string {
  let [value, unit] = [bytes, 0]
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024
    unit++
  }
  const digits = unit === 0 || value >= 100 || Number.isInteger(value) ? 0 : 1
  return `${value.toFixed(digits)} ${UNITS[unit]}`
}
