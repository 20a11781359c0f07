// How state of a former type becomes state of the declared one.

import type { TypeDescriptor, TypeInfo } from '../types/type-info.ts'

/**
 * How the values of one former type become those of the next: those of the declared type, or of the `from` of the next
 * migration in the list. {@link migrateFrom} makes one whose function knows its argument's type.
 */
export interface StateMigration<NEXT = unknown> {
  /** The type the values had. */
  readonly from: TypeDescriptor
  /** Called once a restored value. Must not return a promise. */
  readonly with: (old: never) => NEXT
}

/**
 * A migration from a former type of a state: for what the engine cannot know, such as a renamed field.
 *
 * @example
 * ```ts
 * import { migrateFrom, Types, type ValueStateDescriptor } from 'millrace'
 *
 * const before = Types.record({ delay: Types.int })
 * const flight: ValueStateDescriptor<{ delayMinutes: number }> = {
 *   name: 'flight',
 *   type: Types.record({ delayMinutes: Types.int }),
 *   migrate: migrateFrom(before, (old) => ({ delayMinutes: old.delay })),
 * }
 * console.log(flight.name) // flight
 * ```
 */
export function migrateFrom<OLD, NEXT>(
  from: TypeInfo<OLD>,
  convert: (old: OLD) => NEXT,
): StateMigration<NEXT> {
  return { from, with: convert }
}

/**
 * What helps state of a former type into the declared one. Without it fields may be dropped, reordered, and added if they
 * are nullable; `int` may become `long`, both may become `double`, and any type may become nullable, also inside of arrays,
 * maps and records.
 */
export interface StateEvolution<T> {
  /** Migrations in the order of the types: what one makes, the next takes. Of a list the elements, of a map the values. */
  readonly migrate?:
    | StateMigration<T>
    | readonly [...(readonly StateMigration[]), StateMigration<T>]
  /**
   * What fields that are new and not nullable hold in old records, by path: `{ gate: 'none', 'stops[].minutes': 0 }`, `{}`
   * for the values of a map. A value, or a function that makes one.
   */
  readonly fieldDefaults?: Readonly<Record<string, unknown>>
}
