// Record classes. All object literals with the same leading keys share one tree of hidden classes, so one user
// function that stores a double where others stored small integers slows every look-alike record of the process
// 7 to 30 times, for good. A class has a tree of its own. The first instances made here pin what each field may
// hold, so the tree never changes afterwards.

import { MillraceError, show } from '../errors/millrace-error.ts'
import { Decimal } from '../types/decimal.ts'
import { describeType } from '../types/describe-type.ts'
import type { RecordField, TypeDescriptor, TypeInfo } from '../types/type-info.ts'
import { canCompile, compile } from './dynamic-code.ts'
import { NUMBERS_CLASSES } from './scalar-codecs.ts'
import { TypeCache } from './type-cache.ts'

/** The class of all engine-made records of one type. */
export interface RecordClass<T> {
  readonly type: TypeDescriptor
  /** The constructor takes the fields in the order of the type. It checks nothing. */
  readonly Class: new (...values: readonly unknown[]) => T
  /** `new Class(...values)` as a function. */
  readonly create: (...values: readonly unknown[]) => T
}

/**
 * The class generated from a record type; the same class for structurally equal types.
 *
 * @throws MillraceError `TYPE_INVALID` when the type is no record.
 *
 * @example
 * ```ts
 * import { recordClass, Types } from '@millrace/core'
 *
 * const bids = recordClass(Types.record({ auction: Types.int, price: Types.double }))
 * console.log(bids.create(1, 2.5).price) // 2.5
 * ```
 */
export function recordClass<T>(type: TypeInfo<T>): RecordClass<T> {
  return classes.get(type) as RecordClass<T>
}

/** {@link recordClass} without the cache, and without generated code when `isInterpreted`. */
export function buildRecordClass(
  type: TypeDescriptor,
  isInterpreted: boolean = !canCompile(),
): RecordClass<unknown> {
  const { fields } = checkedRecord(type)
  const Class = isInterpreted ? interpretedClass(fields) : generatedClass(fields)
  // What looks at `constructor` to tell plain data from instances (loggers, test libraries, msgpackr) sees plain data.
  Object.defineProperty(Class.prototype, 'constructor', { value: Object, enumerable: false })
  const record: RecordClass<unknown> = {
    type,
    Class,
    create: (...values) => new Class(...values),
  }
  const witnesses = fields.map((field) => witnessesOf(field.type))
  record.create(...witnesses.map(([first]) => first))
  record.create(...witnesses.map(([, second]) => second))
  return record
}

const classes = new TypeCache<RecordClass<unknown>>((type) => buildRecordClass(type))

type AnyClass = RecordClass<unknown>['Class']

function generatedClass(fields: readonly RecordField[]): AnyClass {
  const parameters = fields.map((_, index) => `a${index}`)
  const body = fields.map((field, index) => `this[${JSON.stringify(field.name)}] = a${index}`)
  return compile(
    {},
    `class Record { constructor(${parameters.join(', ')}) {\n${body.join('\n')}\n} }`,
  ) as unknown as AnyClass
}

function interpretedClass(fields: readonly RecordField[]): AnyClass {
  const names = fields.map((field) => field.name)
  return class Record {
    constructor(...values: readonly unknown[]) {
      const fieldsOfThis = this as unknown as { [name: string]: unknown }
      for (let index = 0; index < names.length; index++) {
        fieldsOfThis[names[index] as string] = values[index]
      }
    }
  }
}

function checkedRecord(type: TypeDescriptor): TypeDescriptor & { kind: 'record' } {
  if (type.kind !== 'record') {
    throw new MillraceError('TYPE_INVALID', {
      expected: 'a record type',
      came: describeType(type),
      todo: 'Only records have a class of their own; wrap the value in Types.record({ value: … }).',
    })
  }
  for (const { name } of type.fields) {
    if (typeof name !== 'string' || name === '__proto__') {
      throw new MillraceError('TYPE_INVALID', {
        expected: 'fields with names other than __proto__',
        came: show(name),
        todo: 'Rename the field.',
      })
    }
  }
  return type
}

/** Two values which between them show V8 everything a field of this type may hold. */
function witnessesOf(type: TypeDescriptor): readonly [unknown, unknown] {
  switch (type.kind) {
    case 'boolean':
      return [true, false]
    case 'byte':
    case 'short':
    case 'int':
      return [0, 0]
    case 'long':
    case 'float':
    case 'double':
      return [0.5, 0.5]
    case 'string':
    case 'enum':
      return ['', '']
    case 'literal':
      return [type.value, type.value]
    case 'decimal':
      return [new Decimal(0n, type.scale), new Decimal(0n, type.scale)]
    case 'numbers':
      return [new NUMBERS_CLASSES[type.element](0), new NUMBERS_CLASSES[type.element](0)]
    case 'bigint':
      return [0n, 0n]
    case 'bytes':
      return [new Uint8Array(0), new Uint8Array(0)]
    case 'date':
      return [new Date(0), new Date(0)]
    case 'any':
    case 'custom':
      return [0, null]
    case 'nullable':
      return [witnessesOf(type.type)[0], null]
    case 'optional':
      return [witnessesOf(type.type)[0], undefined]
    case 'array':
    case 'tuple':
      return [[], []]
    case 'set':
      return [new Set(), new Set()]
    case 'map':
      return [new Map(), new Map()]
    case 'record': {
      const { create } = recordClass(type)
      const witness = create(...type.fields.map((field) => witnessesOf(field.type)[0]))
      return [witness, witness]
    }
    case 'union': {
      const [first = null, second = first] = type.variants.map(
        (variant) => witnessesOf(variant.type)[0],
      )
      return [first, second]
    }
  }
}
