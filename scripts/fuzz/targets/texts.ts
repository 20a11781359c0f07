// Text that people write: durations, decimals, parameters, patterns of paths. And types as JSON, as plans and snapshots hold them.

import {
  Decimal,
  describeType,
  durationMs,
  evolveType,
  MillraceError,
  Parameters,
  type TypeDescriptor,
  Types,
  valueReader,
} from '@millrace/core'
import { globExpression } from '../../../packages/connectors/files/src/glob.ts'
import { entryCodec } from '../../../packages/state/src/snapshot/snapshot-entry.ts'
import { storedType } from '../../../packages/state/src/snapshot/stored-type.ts'
import type { FuzzTarget } from '../fuzz-target.ts'
import { mutateJson } from '../mutate-json.ts'

/** Durations, decimals, parameters and patterns: each text is read as each of them. */
export const textsTarget: FuzzTarget = {
  name: 'texts',
  seeds: () =>
    ['10 s', '1.5 h', '-12.50', '1e3', 'a=1\nb: 2 \\\n  3\n# c', '**/a-{b,c}?[!d]*.csv'].map(
      (text) => new Uint8Array(Buffer.from(text)),
    ),
  read: readTexts,
  codes: [],
}

/** Types that come from a snapshot. */
export const typesTarget: FuzzTarget = {
  name: 'types',
  seeds: () =>
    [SAMPLE_TYPE, Types.int].map((type) => new Uint8Array(Buffer.from(JSON.stringify(type)))),
  mutate: (bytes, random) => {
    try {
      return new Uint8Array(Buffer.from(mutateJson(Buffer.from(bytes).toString(), random)))
    } catch {
      return bytes
    }
  },
  read: readType,
  codes: ['CHECKPOINT_CORRUPT', 'TYPE_INVALID'],
}

const SAMPLE_TYPE: TypeDescriptor = Types.record({
  id: Types.long,
  name: Types.nullable(Types.string),
  tags: Types.array(Types.enum('a', 'b')),
  price: Types.optional(Types.decimal(12, 2)),
  by: Types.map(Types.string, Types.tuple(Types.int, Types.literal(true))),
  what: Types.union('kind', { on: Types.record({ at: Types.date }), off: Types.record({}) }),
  rest: Types.set(Types.float64Array),
})

/** Each text is taken or refused with a code of its own, by each reader. */
function readTexts(bytes: Uint8Array): unknown {
  const text = Buffer.from(bytes).toString()
  return [
    orCode(() => durationMs(text)),
    orCode(() => Decimal.parse(text)),
    orCode(() => Parameters.fromProperties(text).toObject()),
    orCode(() => Parameters.fromArgs(text.split(/\s+/)).toObject()),
    orCode(() => Parameters.fromArgs(['--a', text]).getDuration('a')),
    orCode(() => Parameters.fromArgs(['--a', text]).getInt('a')),
    orCode(() => globExpression(text).source),
    orCode(() => readDecimal(text)),
  ]
}

const readDecimal = valueReader(Types.decimal(12, 2))

function orCode(read: () => unknown): unknown {
  try {
    return read()
  } catch (error) {
    if (error instanceof MillraceError && error.code !== 'ASSERTION_FAILED') return error.code
    throw error
  }
}

/** A type from a checkpoint has a text, a codec, and a way to other types or none. */
function readType(bytes: Uint8Array): unknown {
  const type = storedType(jsonOrNull(bytes), 'a snapshot')
  const text = describeType(type)
  const way = evolveType(type, SAMPLE_TYPE)
  entryCodec(type, SAMPLE_TYPE)
  return [text, way.isPossible]
}

/** JSON is parsed by who calls the reader of types. */
function jsonOrNull(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString())
  } catch {
    return null
  }
}
