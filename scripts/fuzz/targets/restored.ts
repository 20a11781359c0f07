// What operators, sources and sinks put into checkpoints as JSON or text. The first byte chooses who reads it.

import {
  AverageAccumulator,
  DoubleCounter,
  Histogram,
  type JsonValue,
  type SourceSplit,
  type SplitEnumeratorContext,
  staticSplitEnumerator,
  WatermarkStrategy,
} from '@millrace/core'
import { AccumulatorSet } from '@millrace/runtime'
import type { SeededRandom } from '@millrace/testing'
import { FileEnumerator } from '../../../packages/connectors/files/src/file-enumerator.ts'
import { checkedSplit, type FileSplit } from '../../../packages/connectors/files/src/file-split.ts'
import { nextPartsOf, openPartsOf } from '../../../packages/connectors/files/src/part-state.ts'
import {
  IndexCursor,
  type IndexSplit,
} from '../../../packages/datastream/src/sources/index-cursor.ts'
import { restoredAsyncWatermarks } from '../../../packages/runtime/src/async-io/waiting-watermarks.ts'
import {
  decodeChannels,
  restoredChannels,
} from '../../../packages/runtime/src/generalized-watermarks/channel-snapshot.ts'
import type {
  OperatorContext,
  RestoredOperator,
} from '../../../packages/runtime/src/operators/operator.ts'
import {
  restoredJson,
  restoredTimes,
} from '../../../packages/runtime/src/operators/restored-values.ts'
import { hasNumbers } from '../../../packages/runtime/src/operators/slot-values.ts'
import { committableBatch } from '../../../packages/runtime/src/sinks/committable-output.ts'
import { restoredWatermarks } from '../../../packages/runtime/src/task/restored-times.ts'
import type { FuzzTarget } from '../fuzz-target.ts'
import { mutateJson } from '../mutate-json.ts'

/** One part of a checkpoint: a good one, and how it is read. */
interface RestoredPart {
  readonly good: string
  readonly read: (restored: RestoredOperator) => unknown
}

const SLOT = 'slot'

const DECLARATION =
  '{"name":"n","type":"long","combine":"min","waitForAll":true,"handling":"forward"}'
const ORIGINS = [0, 1, 2].map((subtask) => ({ edge: 'a', subtask, parallelism: 3 }))

const PARTS: readonly RestoredPart[] = [
  { good: '-9007199254740991', read: (restored) => restoredTimes(restored, SLOT) },
  { good: '[100,-9007199254740991]', read: restoredWatermarks },
  {
    good: '{"eventTime":5,"processingTime":6,"staggerMs":null}',
    read: (restored) => restoredJson(restored, SLOT, CLOCK),
  },
  {
    good:
      '[{"name":"sum","kind":"double-counter","snapshots":[1,"NaN"]},' +
      '{"name":"average","kind":"average","snapshots":[[2,3.5]]},' +
      '{"name":"sizes","kind":"histogram","snapshots":[[[1,2],[3,4]]]}]',
    read: (restored) => readAccumulators(bytesIn(restored)),
  },
  { good: '[["old",7]]', read: (restored) => readAccumulators(bytesIn(restored)) },
  {
    good: '{"checkpointId":1,"subtaskIndex":0,"subtaskCount":1,"committables":[{"a":1}]}',
    read: (restored) => committableBatch(textIn(restored)),
  },
  {
    good: '[{"splitId":"0 of 2","next":4,"step":2,"end":100}]',
    read: (restored) => readIndexSplits(jsonIn(restored) as unknown as IndexSplit[]),
  },
  {
    good: '[{"splitId":"a"},{"splitId":"b"}]',
    read: (restored) => readStaticEnumerator(jsonIn(restored)),
  },
  {
    good: '[{"splitId":"a#8","path":"a","offset":8,"line":1,"isDone":false,"end":16}]',
    read: (restored) => (listIn(restored) as unknown as FileSplit[]).map(checkedSplit),
  },
  {
    good:
      '{"waiting":[{"splitId":"a","path":"a","offset":0,"line":0,"isDone":false}],' +
      '"seen":["a","b"]}',
    read: (restored) => readFileEnumerator(jsonIn(restored)),
  },
  {
    good:
      '[{"pending":".p","final":"p","bucket":"b","sizeBytes":10,"createdMs":5},' +
      '{"next":{"run":"r","subtask":0,"count":1}}]',
    read: (restored) => [openPartsOf(listIn(restored)), nextPartsOf(listIn(restored))],
  },
  {
    good: `{"origins":[{"edge":"a","subtask":0,"parallelism":2}],"hasEnded":[false],"kinds":[{"declaration":${DECLARATION},"values":[5]}]}`,
    read: (restored) => restoredChannels(ORIGINS, [decodeChannels(bytesIn(restored))]),
  },
  {
    good: `{"waiting":[{"recordsBefore":1,"watermark":{"declaration":${DECLARATION},"value":5}}],"latest":[{"declaration":${DECLARATION},"value":5}]}`,
    read: (restored) => readAsyncWatermarks(restored),
  },
  { good: '12345', read: (restored) => readGenerator(jsonIn(restored)) },
]

/** Slots of operators, splits, states of enumerators and of sinks, accumulators. */
export const restoredTarget: FuzzTarget = {
  name: 'restored',
  seeds: () => PARTS.map(({ good }, index) => inputOf(index, good)),
  mutate: mutatePart,
  read: (bytes) => {
    const part = PARTS[(bytes[0] ?? 0) % PARTS.length] as RestoredPart
    return part.read(restoredFrom(bytes.subarray(1)))
  },
  codes: ['CHECKPOINT_CORRUPT', 'STATE_INCOMPATIBLE'],
}

const CLOCK = {
  expected: 'the times of windows',
  test: (json: JsonValue) => hasNumbers(json, 'eventTime', 'processingTime'),
}

function inputOf(index: number, text: string): Uint8Array {
  return new Uint8Array(Buffer.concat([Buffer.of(index), Buffer.from(text)]))
}

function mutatePart(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const text = Buffer.from(bytes.subarray(1)).toString()
  try {
    return inputOf(bytes[0] ?? 0, mutateJson(text, random))
  } catch {
    return bytes
  }
}

function restoredFrom(bytes: Uint8Array): RestoredOperator {
  return {
    isRestored: true,
    checkpointId: 1,
    isFinished: false,
    parallelism: 1,
    slot: () => [{ subtaskIndex: 0, bytes }],
  }
}

/** With as many subtasks as before, and with more. */
function readAsyncWatermarks(restored: RestoredOperator): unknown {
  return [1, 2].map((parallelism) => {
    const context = { restored, subtaskIndex: 0, parallelism } as OperatorContext
    return restoredAsyncWatermarks(context, 3)
  })
}

function bytesIn(restored: RestoredOperator): Uint8Array {
  return restored.slot(SLOT)[0]?.bytes ?? new Uint8Array(0)
}

function textIn(restored: RestoredOperator): string {
  return new TextDecoder().decode(bytesIn(restored))
}

/** As the engine reads it before it hands it to sources and sinks. */
function jsonIn(restored: RestoredOperator): JsonValue {
  return restoredJson<JsonValue>(restored, SLOT, { expected: 'JSON', test: () => true })[0]
    ?.value as JsonValue
}

function listIn(restored: RestoredOperator): readonly JsonValue[] {
  return restoredJson<JsonValue[]>(restored, SLOT, { expected: 'a list', test: Array.isArray })[0]
    ?.value as JsonValue[]
}

function readAccumulators(bytes: Uint8Array): unknown {
  const set = new AccumulatorSet()
  set.restore(bytes)
  const accumulators = {
    sum: new DoubleCounter(),
    old: new DoubleCounter(),
    average: new AverageAccumulator(),
    sizes: new Histogram(),
  }
  for (const [name, accumulator] of Object.entries(accumulators)) {
    set.add(name, accumulator as never)
  }
  return set.snapshot()
}

/** Takes every index: the end must come. */
function readIndexSplits(splits: readonly IndexSplit[]): unknown {
  const cursor = new IndexCursor()
  cursor.addSplits(listOfSplits(splits) as readonly IndexSplit[])
  const before = cursor.take()
  const after = cursor.take()
  if (before !== undefined && after !== undefined && after < before) {
    throw new Error('an index comes behind a larger one')
  }
  if (before !== undefined && before === after && splits.length === 1) {
    throw new Error('the same index comes again and again')
  }
  return cursor.snapshot()
}

/** The engine sees to it that splits are a list of objects. */
function listOfSplits(splits: unknown): readonly SourceSplit[] {
  const areObjects =
    Array.isArray(splits) && splits.every((split) => typeof split === 'object' && split !== null)
  return areObjects ? (splits as SourceSplit[]) : []
}

function readStaticEnumerator(restored: JsonValue): unknown {
  const context = {} as SplitEnumeratorContext
  return staticSplitEnumerator({ context, restored, findSplits: () => [] }).snapshotState(1)
}

function readFileEnumerator(restored: JsonValue): unknown {
  const context = { platform: {} } as SplitEnumeratorContext<FileSplit>
  const enumerator = new FileEnumerator({
    context,
    restored,
    search: {} as never,
    splitBytes: undefined,
    monitorIntervalMs: undefined,
  })
  return enumerator.snapshotState()
}

function readGenerator(state: JsonValue): unknown {
  const generator = WatermarkStrategy.forBoundedOutOfOrderness(1000).createGenerator()
  generator?.restore?.(state)
  return generator?.snapshot?.()
}
