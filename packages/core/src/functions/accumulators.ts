// Numbers and collections that a job fills while it runs, and that its program reads. They are part of the checkpoints.
//
//   function ──add──> accumulator of a subtask ──snapshot──> checkpoint, and the program that runs the job
//                          ▲                                     │
//                          └───────────────merge─────────────────┘   all subtasks, and what was there before a restart

import { checkRestored } from '../errors/check-restored.ts'
import { MillraceError, show } from '../errors/millrace-error.ts'
import type { JsonValue } from '../types/json.ts'

/**
 * What a function adds to, see {@link RuntimeContext.addAccumulator}. `V` is what is added, `R` what comes of it. To write
 * one's own, keep what was added in a form in which the parts of several subtasks can be put together.
 *
 * @example
 * ```ts
 * import {
 *   type Accumulator, type Collector, type JsonValue, type ProcessContext, type ProcessFunction,
 *   type RuntimeContext, StreamExecutionEnvironment,
 * } from 'millrace'
 *
 * class Distinct implements Accumulator<string, string[]> {
 *   readonly kind = 'distinct'
 *   #seen = new Set<string>()
 *
 *   add(value: string): void { this.#seen.add(value) }
 *   getLocalValue(): string[] { return [...this.#seen].sort() }
 *   resetLocal(): void { this.#seen.clear() }
 *   snapshot(): JsonValue { return [...this.#seen] }
 *   merge(snapshot: JsonValue): void { for (const value of snapshot as string[]) this.add(value) }
 * }
 *
 * class Words implements ProcessFunction<string, string> {
 *   readonly #words = new Distinct()
 *
 *   open(context: RuntimeContext): void { context.addAccumulator('words', this.#words) }
 *   processElement(word: string, _context: ProcessContext, out: Collector<string>): void {
 *     this.#words.add(word)
 *     out.collect(word)
 *   }
 * }
 *
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * env.fromData(['to', 'be', 'or', 'not', 'to', 'be']).process(() => new Words()).discard()
 * const result = await env.execute()
 * console.log(result.getAccumulatorResult('words', () => new Distinct())) // [ 'be', 'not', 'or', 'to' ]
 * ```
 */
export interface Accumulator<V = number, R = V> {
  /**
   * Names the class, in checkpoints too: accumulators of one name must be of one kind. Never change it, and do not use one that
   * Millrace's own accumulators have.
   */
  readonly kind: string
  add(value: V): void
  /** The result of what was added to this one. */
  getLocalValue(): R
  /** Forgets what was added. */
  resetLocal(): void
  /** All that was added, as JSON. */
  snapshot(): JsonValue
  /** Adds what another one of this class had when `snapshot` was taken. The order must not matter. */
  merge(snapshot: JsonValue): void
}

/**
 * A sum, whole or not. What {@link RuntimeContext.getAccumulator} makes.
 *
 * @example
 * ```ts
 * import { DoubleCounter } from 'millrace'
 *
 * const accumulator = new DoubleCounter()
 * for (const value of [0.5, 1]) accumulator.add(value)
 * console.log(accumulator.getLocalValue()) // 1.5
 * ```
 */
export class DoubleCounter implements Accumulator {
  readonly kind: string = 'double-counter'
  #sum = 0

  add(amount: number): void {
    if (typeof amount !== 'number') throw notANumber(this.kind, 'a number', amount)
    this.#sum += amount
  }

  getLocalValue(): number {
    return this.#sum
  }

  resetLocal(): void {
    this.#sum = 0
  }

  snapshot(): JsonValue {
    return numberToJson(this.#sum)
  }

  merge(snapshot: JsonValue): void {
    this.#sum += jsonToNumber(snapshot)
  }
}

/**
 * A sum of whole numbers, exact up to 2^53.
 *
 * @example
 * ```ts
 * import { LongCounter } from 'millrace'
 *
 * const accumulator = new LongCounter()
 * for (const value of [1, 2]) accumulator.add(value)
 * console.log(accumulator.getLocalValue()) // 3
 * ```
 */
export class LongCounter extends DoubleCounter {
  override readonly kind: string = 'long-counter'

  override add(amount: number): void {
    checkWhole(this.kind, amount)
    super.add(amount)
  }
}

/**
 * A sum of whole numbers, exact up to 2^53: wider than Flink's, which wraps at 2^31.
 *
 * @example
 * ```ts
 * import { IntCounter } from 'millrace'
 *
 * const accumulator = new IntCounter()
 * for (const value of [1, 2]) accumulator.add(value)
 * console.log(accumulator.getLocalValue()) // 3
 * ```
 */
export class IntCounter extends LongCounter {
  override readonly kind: string = 'int-counter'
}

/**
 * The smallest number; `Infinity` before the first.
 *
 * @example
 * ```ts
 * import { DoubleMinimum } from 'millrace'
 *
 * const accumulator = new DoubleMinimum()
 * for (const value of [2.5, 1.5]) accumulator.add(value)
 * console.log(accumulator.getLocalValue()) // 1.5
 * ```
 */
export class DoubleMinimum implements Accumulator {
  readonly kind: string = 'double-minimum'
  #minimum = Number.POSITIVE_INFINITY

  add(value: number): void {
    if (typeof value !== 'number') throw notANumber(this.kind, 'a number', value)
    this.#minimum = Math.min(this.#minimum, value)
  }

  getLocalValue(): number {
    return this.#minimum
  }

  resetLocal(): void {
    this.#minimum = Number.POSITIVE_INFINITY
  }

  snapshot(): JsonValue {
    return numberToJson(this.#minimum)
  }

  merge(snapshot: JsonValue): void {
    this.#minimum = Math.min(this.#minimum, jsonToNumber(snapshot))
  }
}

/**
 * The smallest whole number; `Infinity` before the first.
 *
 * @example
 * ```ts
 * import { LongMinimum } from 'millrace'
 *
 * const accumulator = new LongMinimum()
 * for (const value of [2, 1]) accumulator.add(value)
 * console.log(accumulator.getLocalValue()) // 1
 * ```
 */
export class LongMinimum extends DoubleMinimum {
  override readonly kind: string = 'long-minimum'

  override add(value: number): void {
    checkWhole(this.kind, value)
    super.add(value)
  }
}

/**
 * The smallest whole number; `Infinity` before the first.
 *
 * @example
 * ```ts
 * import { IntMinimum } from 'millrace'
 *
 * const accumulator = new IntMinimum()
 * for (const value of [2, 1]) accumulator.add(value)
 * console.log(accumulator.getLocalValue()) // 1
 * ```
 */
export class IntMinimum extends LongMinimum {
  override readonly kind: string = 'int-minimum'
}

/**
 * The largest number; `-Infinity` before the first.
 *
 * @example
 * ```ts
 * import { DoubleMaximum } from 'millrace'
 *
 * const accumulator = new DoubleMaximum()
 * for (const value of [2.5, 1.5]) accumulator.add(value)
 * console.log(accumulator.getLocalValue()) // 2.5
 * ```
 */
export class DoubleMaximum implements Accumulator {
  readonly kind: string = 'double-maximum'
  #maximum = Number.NEGATIVE_INFINITY

  add(value: number): void {
    if (typeof value !== 'number') throw notANumber(this.kind, 'a number', value)
    this.#maximum = Math.max(this.#maximum, value)
  }

  getLocalValue(): number {
    return this.#maximum
  }

  resetLocal(): void {
    this.#maximum = Number.NEGATIVE_INFINITY
  }

  snapshot(): JsonValue {
    return numberToJson(this.#maximum)
  }

  merge(snapshot: JsonValue): void {
    this.#maximum = Math.max(this.#maximum, jsonToNumber(snapshot))
  }
}

/**
 * The largest whole number; `-Infinity` before the first.
 *
 * @example
 * ```ts
 * import { LongMaximum } from 'millrace'
 *
 * const accumulator = new LongMaximum()
 * for (const value of [2, 1]) accumulator.add(value)
 * console.log(accumulator.getLocalValue()) // 2
 * ```
 */
export class LongMaximum extends DoubleMaximum {
  override readonly kind: string = 'long-maximum'

  override add(value: number): void {
    checkWhole(this.kind, value)
    super.add(value)
  }
}

/**
 * The largest whole number; `-Infinity` before the first.
 *
 * @example
 * ```ts
 * import { IntMaximum } from 'millrace'
 *
 * const accumulator = new IntMaximum()
 * for (const value of [2, 1]) accumulator.add(value)
 * console.log(accumulator.getLocalValue()) // 2
 * ```
 */
export class IntMaximum extends LongMaximum {
  override readonly kind: string = 'int-maximum'
}

/**
 * The mean of all numbers; 0 before the first.
 *
 * @example
 * ```ts
 * import { AverageAccumulator } from 'millrace'
 *
 * const accumulator = new AverageAccumulator()
 * for (const value of [1, 2]) accumulator.add(value)
 * console.log(accumulator.getLocalValue()) // 1.5
 * ```
 */
export class AverageAccumulator implements Accumulator {
  readonly kind = 'average'
  #count = 0
  #sum = 0

  add(value: number): void {
    if (typeof value !== 'number') throw notANumber(this.kind, 'a number', value)
    this.#count++
    this.#sum += value
  }

  getLocalValue(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count
  }

  resetLocal(): void {
    this.#count = 0
    this.#sum = 0
  }

  snapshot(): JsonValue {
    return [this.#count, numberToJson(this.#sum)]
  }

  merge(snapshot: JsonValue): void {
    checkRestored(Array.isArray(snapshot), 'the count and the sum of an average', snapshot)
    const [count, sum] = snapshot as readonly JsonValue[]
    this.#count += jsonToNumber(count)
    this.#sum += jsonToNumber(sum)
  }
}

/**
 * How often each whole number was added; the result is in order of the numbers.
 *
 * @example
 * ```ts
 * import { Histogram, rich, type RichMapFunction, type RuntimeContext, StreamExecutionEnvironment } from 'millrace'
 *
 * class Lengths implements RichMapFunction<string, string> {
 *   readonly #lengths = new Histogram()
 *
 *   open(context: RuntimeContext): void {
 *     context.addAccumulator('lengths', this.#lengths)
 *   }
 *
 *   map(word: string): string {
 *     this.#lengths.add(word.length)
 *     return word
 *   }
 * }
 *
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * env.fromData(['to', 'be', 'or', 'not']).map(rich(() => new Lengths())).discard()
 * const result = await env.execute()
 * console.log(result.getAccumulatorResult('lengths')) // Map(2) { 2 => 3, 3 => 1 }
 * ```
 */
export class Histogram implements Accumulator<number, ReadonlyMap<number, number>> {
  readonly kind = 'histogram'
  #counts = new Map<number, number>()

  add(value: number): void {
    checkWhole(this.kind, value)
    this.#count(value, 1)
  }

  getLocalValue(): ReadonlyMap<number, number> {
    return new Map([...this.#counts].sort(([left], [right]) => left - right))
  }

  resetLocal(): void {
    this.#counts.clear()
  }

  snapshot(): JsonValue {
    return [...this.#counts]
  }

  merge(snapshot: JsonValue): void {
    checkRestored(areCounts(snapshot), 'the numbers of a histogram, each with its count', snapshot)
    for (const [value, count] of snapshot as [number, number][]) this.#count(value, count)
  }

  #count(value: number, count: number): void {
    this.#counts.set(value, (this.#counts.get(value) ?? 0) + count)
  }
}

/**
 * All values that were added, subtask after subtask. It grows with each record, is written whole into every checkpoint, and is
 * sent to the program ten times a second: for a few values only.
 *
 * @example
 * ```ts
 * import { ListAccumulator } from 'millrace'
 *
 * const accumulator = new ListAccumulator<string>()
 * for (const word of ['to', 'be']) accumulator.add(word)
 * console.log(accumulator.getLocalValue()) // [ 'to', 'be' ]
 * ```
 */
export class ListAccumulator<T extends JsonValue> implements Accumulator<T, readonly T[]> {
  readonly kind = 'list'
  #values: T[] = []

  add(value: T): void {
    this.#values.push(value)
  }

  getLocalValue(): readonly T[] {
    return [...this.#values]
  }

  resetLocal(): void {
    this.#values = []
  }

  snapshot(): JsonValue {
    return [...this.#values]
  }

  merge(snapshot: JsonValue): void {
    for (const value of snapshot as T[]) this.#values.push(value)
  }
}

/** A fresh accumulator of one of Millrace's own kinds, or `undefined` for a kind of the user's. */
export function ownAccumulator(kind: string): Accumulator<never, unknown> | undefined {
  return Object.hasOwn(OWN_KINDS, kind) ? OWN_KINDS[kind]?.() : undefined
}

const OWN_KINDS: Readonly<Record<string, () => Accumulator<never, unknown>>> = {
  'int-counter': () => new IntCounter(),
  'long-counter': () => new LongCounter(),
  'double-counter': () => new DoubleCounter(),
  'int-minimum': () => new IntMinimum(),
  'long-minimum': () => new LongMinimum(),
  'double-minimum': () => new DoubleMinimum(),
  'int-maximum': () => new IntMaximum(),
  'long-maximum': () => new LongMaximum(),
  'double-maximum': () => new DoubleMaximum(),
  average: () => new AverageAccumulator(),
  histogram: () => new Histogram(),
  list: () => new ListAccumulator(),
}

/** JSON has no infinities and no NaN; `Number` reads them back from text. */
function numberToJson(value: number): JsonValue {
  return Number.isFinite(value) ? value : String(value)
}

function areCounts(json: JsonValue): boolean {
  return (
    Array.isArray(json) &&
    json.every((pair) => Array.isArray(pair) && pair.length === 2 && pair.every(Number.isFinite))
  )
}

function jsonToNumber(json: JsonValue | undefined): number {
  const isNumber = typeof json === 'number' || NOT_FINITE.has(json)
  checkRestored(isNumber, 'the number of an accumulator', json)
  return Number(json)
}

const NOT_FINITE: ReadonlySet<unknown> = new Set(['NaN', 'Infinity', '-Infinity'])

function checkWhole(kind: string, value: number): void {
  if (!Number.isSafeInteger(value)) throw notANumber(kind, 'a whole number', value)
}

function notANumber(kind: string, expected: string, came: unknown): MillraceError {
  return new MillraceError('TYPE_MISMATCH', {
    expected: `${expected} for an accumulator of kind '${kind}'`,
    came: show(came),
    todo: 'Check what is added; DoubleCounter, DoubleMinimum and DoubleMaximum take any number.',
  })
}
