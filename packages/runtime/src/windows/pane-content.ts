// What a pane holds: one accumulator, or all its elements when an evictor may take some out before they are folded.

import {
  NO_TIMESTAMP,
  type TimestampedValue,
  type TimeWindow,
  type TypeDescriptor,
} from '@millrace/core'
import { ownedStrings } from '@millrace/state'
import type { PaneEvictor } from './pane-evictor.ts'
import type { WindowPane } from './window-pane.ts'

/** How the content of panes is kept and evaluated. */
export interface PaneContent<K, IN, W extends TimeWindow> {
  /** How the content of one pane is written in snapshots. */
  readonly type: TypeDescriptor
  /** The content of a pane, as it was read from a snapshot. */
  restored(stored: unknown): unknown
  add(pane: WindowPane<K, W>, value: IN, timestamp: number): void
  /** Moves the content of `source` behind that of `pane`. */
  merge(pane: WindowPane<K, W>, source: WindowPane<K, W>): void
  /** Evaluates a pane with content. `isLast`: the content goes afterwards, so it may be handed out as it is. */
  fire(pane: WindowPane<K, W>, isLast: boolean): void
}

/** What contents need of their operator. */
export interface PaneFolding<K, IN, ACC, W extends TimeWindow> {
  readonly add: (accumulator: ACC | undefined, value: IN) => ACC
  readonly create: () => ACC
  readonly merge: (left: ACC, right: ACC) => ACC
  readonly copy: (accumulator: ACC) => ACC
  /** An accumulator as it is kept. */
  readonly owned: (accumulator: ACC) => ACC
  readonly emit: (pane: WindowPane<K, W>, accumulator: ACC) => void
}

/** One accumulator a pane. */
export class FoldedContent<K, IN, ACC, W extends TimeWindow> implements PaneContent<K, IN, W> {
  readonly type: TypeDescriptor
  readonly #folding: PaneFolding<K, IN, ACC, W>

  constructor(type: TypeDescriptor, folding: PaneFolding<K, IN, ACC, W>) {
    this.type = type
    this.#folding = folding
  }

  restored(stored: unknown): unknown {
    return stored
  }

  add(pane: WindowPane<K, W>, value: IN): void {
    const before = pane.hasContent ? (pane.content as ACC) : undefined
    const after = this.#folding.add(before, value)
    if (after !== before || !pane.hasContent) pane.content = this.#folding.owned(after)
    pane.hasContent = true
  }

  merge(pane: WindowPane<K, W>, source: WindowPane<K, W>): void {
    if (!source.hasContent) return
    pane.content = pane.hasContent
      ? this.#folding.merge(pane.content as ACC, source.content as ACC)
      : source.content
    pane.hasContent = true
    source.clearContent()
  }

  fire(pane: WindowPane<K, W>, isLast: boolean): void {
    const accumulator = pane.content as ACC
    this.#folding.emit(pane, isLast ? accumulator : this.#folding.copy(accumulator))
  }
}

/** All elements of a pane, folded anew each time that it fires. */
export class EvictedContent<K, IN, ACC, W extends TimeWindow> implements PaneContent<K, IN, W> {
  readonly type: TypeDescriptor
  readonly #folding: PaneFolding<K, IN, ACC, W>
  readonly #evictor: PaneEvictor<IN, W>
  /** Whether a pane without elements still has something to say: the empty list of `process`. */
  readonly #firesEmpty: boolean
  readonly #ownStrings: ReturnType<typeof ownedStrings>

  constructor(
    elementType: TypeDescriptor,
    folding: PaneFolding<K, IN, ACC, W>,
    evictor: PaneEvictor<IN, W>,
    firesEmpty: boolean,
  ) {
    this.type = { kind: 'array', element: timestampedType(elementType) }
    this.#folding = folding
    this.#evictor = evictor
    this.#firesEmpty = firesEmpty
    this.#ownStrings = ownedStrings(elementType)
  }

  restored(stored: unknown): unknown {
    const elements = stored as readonly StoredElement<IN>[]
    return elements.map(({ value, at }) => new TimestampedElement(value, at))
  }

  add(pane: WindowPane<K, W>, value: IN, timestamp: number): void {
    const own = this.#ownStrings
    const element = new TimestampedElement(
      own === undefined ? value : (own(value) as IN),
      timestamp,
    )
    if (pane.hasContent) (pane.content as TimestampedElement<IN>[]).push(element)
    else pane.content = [element]
    pane.hasContent = true
  }

  merge(pane: WindowPane<K, W>, source: WindowPane<K, W>): void {
    if (!source.hasContent) return
    const elements = pane.hasContent ? (pane.content as TimestampedElement<IN>[]) : []
    for (const element of source.content as TimestampedElement<IN>[]) elements.push(element)
    pane.content = elements
    pane.hasContent = true
    source.clearContent()
  }

  fire(pane: WindowPane<K, W>): void {
    const elements = this.#evictor.before(
      pane.content as readonly TimestampedValue<IN>[],
      pane.window,
    )
    if (elements.length > 0 || this.#firesEmpty) {
      let accumulator = this.#folding.create()
      for (const { value } of elements) accumulator = this.#folding.add(accumulator, value)
      this.#folding.emit(pane, accumulator)
    }
    const rest = this.#evictor.after(elements, pane.window)
    pane.hasContent = rest.length > 0
    // Evictors answer arrays of their own or the one they were given; only the pane adds to it.
    pane.content = rest.length > 0 ? rest : undefined
  }
}

/** An element as it is written in snapshots. */
interface StoredElement<T> {
  readonly value: T
  /** `NO_TIMESTAMP` if it has none. */
  readonly at: number
}

class TimestampedElement<T> implements TimestampedValue<T>, StoredElement<T> {
  readonly value: T
  readonly at: number

  constructor(value: T, at: number) {
    this.value = value
    this.at = at
  }

  get timestamp(): number | undefined {
    return this.at === NO_TIMESTAMP ? undefined : this.at
  }
}

function timestampedType(elementType: TypeDescriptor): TypeDescriptor {
  return {
    kind: 'record',
    fields: [
      { name: 'value', type: elementType },
      { name: 'at', type: { kind: 'long' } },
    ],
  }
}
