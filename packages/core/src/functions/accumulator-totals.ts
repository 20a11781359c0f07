// What the accumulators of all subtasks come to. Parts of Millrace's own kinds are merged as they come; those of a user's
// class wait side by side for somebody who has the class: it cannot be sent from one thread to another.

import { MillraceError, show } from '../errors/millrace-error.ts'
import type { JsonValue } from '../types/json.ts'
import { type Accumulator, ownAccumulator } from './accumulators.ts'

/** The accumulators of some subtasks, as data. */
export type AccumulatorReport = readonly AccumulatorPart[]

/** What was added under one name. */
export interface AccumulatorPart {
  readonly name: string
  readonly kind: string
  /** Snapshots that have not been merged yet; one if the kind is one of Millrace's own. */
  readonly snapshots: readonly JsonValue[]
}

interface Total {
  readonly name: string
  readonly kind: string
  readonly merged: Accumulator<never, unknown> | undefined
  readonly snapshots: JsonValue[]
}

/** Puts the parts of several subtasks together. */
export class AccumulatorTotals {
  readonly #totals = new Map<string, Total>()

  add({ name, kind, snapshots }: AccumulatorPart): void {
    const id = JSON.stringify([name, kind])
    let total = this.#totals.get(id)
    if (total === undefined) {
      total = { name, kind, merged: ownAccumulator(kind), snapshots: [] }
      this.#totals.set(id, total)
    }
    for (const snapshot of snapshots) {
      if (total.merged === undefined) total.snapshots.push(snapshot)
      else total.merged.merge(snapshot)
    }
  }

  get report(): AccumulatorReport {
    return Array.from(this.#totals.values(), ({ name, kind, merged, snapshots }) => ({
      name,
      kind,
      snapshots: merged === undefined ? snapshots : [merged.snapshot()],
    }))
  }

  /** By name, those whose result is a number: counters, minima, maxima, averages. */
  get numbers(): Readonly<Record<string, number>> {
    const numbers: Record<string, number> = {}
    for (const { name, merged } of this.#totals.values()) {
      const value = merged?.getLocalValue()
      if (typeof value === 'number') numbers[name] = value
    }
    return numbers
  }

  /**
   * The result under a name, or `undefined` if there is none. One of a user's class is merged in what `create` makes.
   *
   * @throws MillraceError `OPTION_INVALID` without a `create` that makes its kind.
   */
  result<R>(name: string, create: (() => Accumulator<never, R>) | undefined): R | undefined {
    const total = [...this.#totals.values()].find((each) => each.name === name)
    if (total === undefined) return undefined
    if (total.merged !== undefined) return total.merged.getLocalValue() as R
    const created = create?.()
    if (created?.kind !== total.kind) throw noClassFor(total, created?.kind)
    for (const snapshot of total.snapshots) created.merge(snapshot)
    return created.getLocalValue()
  }

  /** The error for two kinds under one name, or `undefined` if there is no such name. */
  get conflict(): MillraceError | undefined {
    const kinds = new Map<string, string>()
    for (const { name, kind } of this.#totals.values()) {
      const other = kinds.get(name)
      if (other !== undefined) return twoKinds(name, other, kind)
      kinds.set(name, kind)
    }
    return undefined
  }
}

/** Two accumulators of one name that cannot be merged. */
export function twoKinds(name: string, kind: string, otherKind: string): MillraceError {
  return new MillraceError('OPTION_INVALID', {
    expected: `one kind of accumulator under the name ${show(name)}, in all operators`,
    came: `'${kind}' and '${otherKind}'`,
    todo: 'Give one of them another name.',
  })
}

function noClassFor({ name, kind }: Total, created: string | undefined): MillraceError {
  return new MillraceError('OPTION_INVALID', {
    expected: `a factory for the accumulator ${show(name)}, which is of your own kind '${kind}'`,
    came: created === undefined ? 'none' : `one that makes '${created}'`,
    todo: `Write getAccumulatorResult(${show(name)}, () => new MyAccumulator()): the class cannot come from another thread.`,
  })
}
