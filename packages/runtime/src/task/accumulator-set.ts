// The accumulators of one operator subtask. They are part of the checkpoints: what they show at the end counts every record
// once, whatever failed in between. (Flink's accumulators start again at zero with each attempt.)
//
// What a checkpoint holds waits, as data, until the function asks for the accumulator of that name; one that nobody asks for
// goes on from checkpoint to checkpoint, and into the result.

import {
  type Accumulator,
  type AccumulatorReport,
  type AccumulatorTotals,
  DoubleCounter,
  type JsonValue,
  MillraceError,
  ownAccumulator,
  show,
  twoKinds,
} from '@millrace/core'
import { corruptSlot, parseSlot } from '../operators/slot-values.ts'

const ACCUMULATORS_SLOT = 'accumulators'

type AnyAccumulator = Accumulator<never, unknown>

/** What a checkpoint holds under one name, and nobody has claimed yet. */
interface RestoredPart {
  readonly kind: string
  readonly snapshots: JsonValue[]
}

/** What a snapshot holds under one name: a part, or, as earlier releases wrote it, a name and a sum. */
type StoredPart = AccumulatorReport[number] | readonly [name: string, sum: number]

/** The accumulators of one operator subtask. */
export class AccumulatorSet {
  readonly #byName = new Map<string, AnyAccumulator>()
  readonly #restored = new Map<string, RestoredPart>()

  /**
   * Adds an accumulator, with what the checkpoint holds under its name.
   *
   * @throws MillraceError `FUNCTION_INVALID`, `OPTION_INVALID`, `STATE_INCOMPATIBLE`
   */
  add(name: string, accumulator: AnyAccumulator): void {
    checkAccumulator(name, accumulator)
    const held = this.#byName.get(name)
    if (held !== undefined && held.kind !== accumulator.kind) {
      throw twoKinds(name, held.kind, accumulator.kind)
    }
    if (held !== undefined) throw addedTwice(name)
    this.#claim(name, accumulator)
    this.#byName.set(name, accumulator)
  }

  /** The accumulator of that name; a sum that is made now, if there is none. */
  get<V = number, R = V>(name: string): Accumulator<V, R> {
    let accumulator = this.#byName.get(name)
    if (accumulator === undefined) {
      accumulator = new DoubleCounter()
      this.add(name, accumulator)
    }
    return accumulator as unknown as Accumulator<V, R>
  }

  /** Adds what all of them hold into `totals`. */
  addInto(totals: AccumulatorTotals): void {
    for (const part of this.#parts()) totals.add(part)
  }

  get isEmpty(): boolean {
    return this.#byName.size === 0 && this.#restored.size === 0
  }

  snapshot(): Uint8Array {
    return new TextEncoder().encode(JSON.stringify(this.#parts()))
  }

  /** Takes over what a snapshot holds; of several, all. */
  restore(snapshot: Uint8Array): void {
    const parts = parseSlot(ACCUMULATORS_SLOT, snapshot)
    if (!Array.isArray(parts) || !parts.every(isStoredPart)) {
      throw corruptSlot(ACCUMULATORS_SLOT, 'a list of accumulators', parts)
    }
    for (const { name, kind, snapshots } of (parts as unknown as StoredPart[]).map(partOf)) {
      const known = this.#restored.get(name)
      if (known === undefined) this.#restored.set(name, { kind, snapshots: [...snapshots] })
      else known.snapshots.push(...snapshots)
    }
  }

  #parts(): AccumulatorReport {
    return [
      ...Array.from(this.#byName, ([name, held]) => ({
        name,
        kind: held.kind,
        snapshots: [held.snapshot()],
      })),
      ...Array.from(this.#restored, ([name, { kind, snapshots }]) => ({ name, kind, snapshots })),
    ]
  }

  #claim(name: string, accumulator: AnyAccumulator): void {
    const restored = this.#restored.get(name)
    if (restored === undefined) return
    if (restored.kind !== accumulator.kind)
      throw incompatible(name, restored.kind, accumulator.kind)
    for (const snapshot of restored.snapshots) mergeInto(accumulator, snapshot)
    this.#restored.delete(name)
  }
}

function isStoredPart(json: JsonValue): boolean {
  if (Array.isArray(json)) return typeof json[0] === 'string' && typeof json[1] === 'number'
  const { name, kind, snapshots } = (json ?? {}) as Partial<AccumulatorReport[number]>
  return typeof name === 'string' && typeof kind === 'string' && Array.isArray(snapshots)
}

/** An accumulator believes what it is given, and one of the user may throw anything. */
function mergeInto(accumulator: AnyAccumulator, snapshot: JsonValue): void {
  try {
    accumulator.merge(snapshot)
  } catch (cause) {
    if (cause instanceof MillraceError) throw cause
    const expected = `what an accumulator of kind ${show(accumulator.kind)} can merge`
    throw corruptSlot(ACCUMULATORS_SLOT, expected, snapshot, cause)
  }
}

/** The earlier form could only hold what `getAccumulator` still makes: a sum, whole or not. */
function partOf(stored: StoredPart): AccumulatorReport[number] {
  if ('kind' in stored) return stored
  const [name, sum] = stored
  return { name, kind: new DoubleCounter().kind, snapshots: [sum] }
}

const METHODS = ['add', 'getLocalValue', 'resetLocal', 'snapshot', 'merge'] as const

function checkAccumulator(name: string, accumulator: AnyAccumulator): void {
  const missing = METHODS.find((method) => typeof accumulator?.[method] !== 'function')
  const hasKind = typeof accumulator?.kind === 'string' && accumulator.kind !== ''
  const hasName = typeof name === 'string' && name !== ''
  if (!hasName || !hasKind || missing !== undefined) {
    throw new MillraceError('FUNCTION_INVALID', {
      expected: 'a name and an accumulator: an object with a kind and its methods',
      came: hasName ? `one without ${missing ?? 'a kind'}` : `the name ${show(name)}`,
      todo: "Write for example addAccumulator('seen', new IntCounter()).",
    })
  }
  const own = ownAccumulator(accumulator.kind)
  if (own === undefined || accumulator instanceof (own.constructor as typeof DoubleCounter)) return
  throw new MillraceError('FUNCTION_INVALID', {
    expected: `a kind of your own for the accumulator ${show(name)}`,
    came: `'${accumulator.kind}', which is the kind of ${own.constructor.name}`,
    todo: 'Give the class another kind.',
  })
}

function addedTwice(name: string): MillraceError {
  return new MillraceError('OPTION_INVALID', {
    expected: `an accumulator ${show(name)} that is added once in an operator`,
    came: 'a second one',
    todo: 'Ask for the first one with getAccumulator, or use another name.',
  })
}

function incompatible(name: string, before: string, now: string): MillraceError {
  return new MillraceError('STATE_INCOMPATIBLE', {
    expected: `an accumulator ${show(name)} of kind '${before}', as in the checkpoint`,
    came: `one of kind '${now}'`,
    todo: 'Give the new accumulator another name.',
    ids: { state: name },
  })
}
