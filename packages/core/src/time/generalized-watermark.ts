// Watermarks of the user's own kind: a number or a truth that travels in the streams among the records, and that every task
// combines over the channels it comes from. Flink calls them generalized watermarks (FLIP-467). Event time has watermarks of
// its own, which these do not touch.
//
//   emitWatermark ──in place, to all readers──> channel 0 ──┐
//   emitWatermark ─────────────────────────────> channel 1 ──┴─ min | max | and | or ──> onWatermark ──'peek'──> readers
//
// A declaration is plain data: it is part of the plan, and travels with each watermark.

import { checkOptions } from '../config/check-options.ts'
import { MillraceError, show } from '../errors/millrace-error.ts'

/** What is done with a watermark that no function has taken: handed to the readers, or not. */
export type WatermarkHandling = 'forward' | 'ignore'

/** A kind of watermark whose value is a whole number; see {@link longWatermark}. */
export interface LongWatermarkDeclaration extends DeclaredOptions {
  readonly type: 'long'
  readonly combine: 'min' | 'max'
}

/** A kind of watermark whose value is true or false; see {@link booleanWatermark}. */
export interface BooleanWatermarkDeclaration extends DeclaredOptions {
  readonly type: 'boolean'
  readonly combine: 'and' | 'or'
}

interface DeclaredOptions {
  /** Unique in the job. */
  readonly name: string
  readonly waitForAll: boolean
  readonly handling: WatermarkHandling
}

/** A kind of watermark. */
export type WatermarkDeclaration = LongWatermarkDeclaration | BooleanWatermarkDeclaration

/** The value of a kind of watermark. */
export type WatermarkValueOf<D extends WatermarkDeclaration> = D extends LongWatermarkDeclaration
  ? number
  : boolean

/** A watermark of the user's own kind. */
export type GeneralizedWatermark =
  | { readonly declaration: LongWatermarkDeclaration; readonly value: number }
  | { readonly declaration: BooleanWatermarkDeclaration; readonly value: boolean }

/** How the kinds of {@link longWatermark} and {@link booleanWatermark} differ. */
export interface WatermarkOptions<C extends WatermarkDeclaration['combine']> {
  /** What the watermarks of several channels are together. Default: `'min'` of numbers, `'and'` of truths. */
  readonly combine?: C
  /** Whether nothing is told before each channel that has not ended has given a value. Default: false. */
  readonly waitForAll?: boolean
  /**
   * What an operator does with one that its function has not taken. `'forward'` (default) hands it on; `'ignore'` does not: it then
   * comes no further than to the operators that read from the one that emits it.
   */
  readonly handling?: WatermarkHandling
}

/**
 * Declares a kind of watermark whose values are whole numbers.
 *
 * @throws MillraceError `OPTION_INVALID`, `OPTION_UNKNOWN`
 * @example
 * ```ts
 * import { longWatermark } from 'millrace'
 *
 * const newest = longWatermark('newest article', { combine: 'max' })
 * console.log(newest.combine, newest.waitForAll, newest.handling) // max false forward
 * ```
 */
export function longWatermark(
  name: string,
  options: WatermarkOptions<'min' | 'max'> = {},
): LongWatermarkDeclaration {
  const { combine = 'min', ...declared } = checkDeclaration('longWatermark', name, options)
  return { ...declared, type: 'long', combine: checkOneOf('combine', combine, ['min', 'max']) }
}

/**
 * Declares a kind of watermark whose values are true or false.
 *
 * @throws MillraceError `OPTION_INVALID`, `OPTION_UNKNOWN`
 * @example
 * ```ts
 * import { booleanWatermark } from 'millrace'
 *
 * const caughtUp = booleanWatermark('caught up', { waitForAll: true })
 * console.log(caughtUp.combine, caughtUp.waitForAll) // and true
 * ```
 */
export function booleanWatermark(
  name: string,
  options: WatermarkOptions<'and' | 'or'> = {},
): BooleanWatermarkDeclaration {
  const { combine = 'and', ...declared } = checkDeclaration('booleanWatermark', name, options)
  return { ...declared, type: 'boolean', combine: checkOneOf('combine', combine, ['and', 'or']) }
}

/**
 * Whether a watermark is of a declared kind; its value then has the type of that kind.
 *
 * @example
 * ```ts
 * import { type GeneralizedWatermark, isWatermarkOf, longWatermark } from 'millrace'
 *
 * const newest = longWatermark('newest')
 * const watermark: GeneralizedWatermark = { declaration: newest, value: 41 }
 * if (isWatermarkOf(newest, watermark)) console.log(watermark.value + 1) // 42
 * ```
 */
export function isWatermarkOf<D extends WatermarkDeclaration>(
  declaration: D,
  watermark: GeneralizedWatermark,
): watermark is GeneralizedWatermark & {
  readonly declaration: D
  readonly value: WatermarkValueOf<D>
} {
  return watermark.declaration.name === declaration.name
}

/** Whether two declarations say the same. */
export function isSameDeclaration(
  left: WatermarkDeclaration,
  right: WatermarkDeclaration,
): boolean {
  return (
    left.name === right.name &&
    left.type === right.type &&
    left.combine === right.combine &&
    left.waitForAll === right.waitForAll &&
    left.handling === right.handling
  )
}

/** A declaration as text, for errors and plans: `long 'newest', combined by max`. */
export function describeDeclaration(declaration: WatermarkDeclaration): string {
  const { name, type, combine, waitForAll, handling } = declaration
  const waits = waitForAll ? ', waiting for all channels' : ''
  return `${type} '${name}', combined by ${combine}${waits}${handling === 'ignore' ? ', not forwarded' : ''}`
}

/** Whether a value from outside, of a checkpoint or of a caller without types, is a declaration. */
export function isWatermarkDeclaration(value: unknown): value is WatermarkDeclaration {
  if (typeof value !== 'object' || value === null) return false
  const { name, type, combine, waitForAll, handling } = value as Partial<WatermarkDeclaration>
  const isCombined =
    type === 'long' ? combine === 'min' || combine === 'max' : combine === 'and' || combine === 'or'
  return (
    typeof name === 'string' &&
    (type === 'long' || type === 'boolean') &&
    isCombined &&
    typeof waitForAll === 'boolean' &&
    (handling === 'forward' || handling === 'ignore')
  )
}

/** Whether a value from outside is a watermark of the kind that it says. */
export function isGeneralizedWatermark(value: unknown): value is GeneralizedWatermark {
  const { declaration, value: said } = (value ?? {}) as Partial<GeneralizedWatermark>
  return isWatermarkDeclaration(declaration) && isValueOf(declaration, said)
}

/** Whether a value from outside is one of a declared kind. */
export function isValueOf(
  { type }: WatermarkDeclaration,
  value: unknown,
): value is number | boolean {
  return type === 'long' ? Number.isSafeInteger(value) : typeof value === 'boolean'
}

/** A declaration, for callers without types. @throws MillraceError `OPTION_INVALID` */
export function checkWatermarkDeclaration(
  call: string,
  declaration: WatermarkDeclaration,
): WatermarkDeclaration {
  if (isWatermarkDeclaration(declaration)) return declaration
  throw new MillraceError('OPTION_INVALID', {
    expected: `a watermark declaration for ${call}`,
    came: show(declaration),
    todo: "Make one: const newest = longWatermark('newest').",
  })
}

/** A watermark of a kind. @throws MillraceError `OPTION_INVALID` for a value of another type. */
export function watermarkOf(
  declaration: WatermarkDeclaration,
  value: number | boolean,
): GeneralizedWatermark {
  if (isValueOf(declaration, value)) return { declaration, value } as GeneralizedWatermark
  throw new MillraceError('OPTION_INVALID', {
    expected: `${declaration.type === 'long' ? 'a whole number' : 'true or false'} as watermark '${declaration.name}'`,
    came: show(value),
    todo: 'Emit a value of the declared type.',
  })
}

function checkDeclaration<C extends WatermarkDeclaration['combine']>(
  call: string,
  name: string,
  options: WatermarkOptions<C>,
): DeclaredOptions & { readonly combine?: C } {
  if (typeof name !== 'string' || name === '') {
    throw new MillraceError('OPTION_INVALID', {
      expected: `a name of at least one character for ${call}`,
      came: show(name),
      todo: `Write for example ${call}('progress').`,
    })
  }
  checkOptions(call, options, ['combine', 'waitForAll', 'handling'])
  const { waitForAll = false, handling = 'forward', combine } = options
  return {
    name,
    waitForAll: checkOneOf('waitForAll', waitForAll, [true, false]),
    handling: checkOneOf('handling', handling, ['forward', 'ignore']),
    ...(combine !== undefined && { combine }),
  }
}

function checkOneOf<V>(option: string, value: V, known: readonly V[]): V {
  if (known.includes(value)) return value
  throw new MillraceError('OPTION_INVALID', {
    expected: `the option ${option} as one of ${known.map(show).join(', ')}`,
    came: show(value),
    todo: 'Choose one of these.',
  })
}
