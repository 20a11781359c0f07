// A pane is what one key has in one window: its content, its states, and how many timers wait for it. (The word is Flink's.)
//
// Where windows are found by themselves, panes are kept window by window and key by key, so that few maps hold many keys. Where
// windows merge, they are kept key by key: a record must find all windows of its key.

import type { TimeWindow } from '@millrace/core'

/** Tells windows of one assigner apart. */
export type WindowId = string | number

/** What one key has in one window. */
export class WindowPane<K, W extends TimeWindow> {
  readonly key: K
  readonly window: W
  readonly id: WindowId
  hasContent = false
  content: unknown = undefined
  /** By slot, see pane-states.ts; made when the first state is set. */
  states: unknown[] | undefined = undefined
  stateCount = 0
  timerCount = 0
  /** The trigger is not told when the clean-up timer is due. */
  isCleanupSilent = false
  /** It was merged into another, or is over; timers that are still set for it do nothing. */
  isGone = false

  constructor(key: K, window: W, id: WindowId) {
    this.key = key
    this.window = window
    this.id = id
  }

  clearContent(): void {
    this.hasContent = false
    this.content = undefined
  }

  /** Whether forgetting it changes nothing. */
  get isEmpty(): boolean {
    return !this.hasContent && this.stateCount === 0 && this.timerCount === 0
  }
}

/** All panes of a subtask. */
export interface PaneTable<K, W extends TimeWindow> {
  find(key: K, id: WindowId): WindowPane<K, W> | undefined
  add(pane: WindowPane<K, W>): void
  delete(pane: WindowPane<K, W>): void
  forEach(each: (pane: WindowPane<K, W>) => void): void
}

/** Panes window by window. */
export class PanesByWindow<K, W extends TimeWindow> implements PaneTable<K, W> {
  readonly #windows = new Map<WindowId, Map<K, WindowPane<K, W>>>()

  find(key: K, id: WindowId): WindowPane<K, W> | undefined {
    return this.#windows.get(id)?.get(key)
  }

  add(pane: WindowPane<K, W>): void {
    let keys = this.#windows.get(pane.id)
    if (keys === undefined) {
      keys = new Map()
      this.#windows.set(pane.id, keys)
    }
    keys.set(pane.key, pane)
  }

  delete(pane: WindowPane<K, W>): void {
    const keys = this.#windows.get(pane.id)
    if (keys?.delete(pane.key) === true && keys.size === 0) this.#windows.delete(pane.id)
  }

  forEach(each: (pane: WindowPane<K, W>) => void): void {
    for (const keys of this.#windows.values()) keys.forEach(each)
  }
}

/** Panes key by key. */
export class PanesByKey<K, W extends TimeWindow> implements PaneTable<K, W> {
  readonly #keys = new Map<K, WindowPane<K, W>[]>()

  /** The panes of a key, in the order in which they were added. */
  of(key: K): readonly WindowPane<K, W>[] {
    return this.#keys.get(key) ?? NO_PANES
  }

  find(key: K, id: WindowId): WindowPane<K, W> | undefined {
    return this.#keys.get(key)?.find((pane) => pane.id === id)
  }

  add(pane: WindowPane<K, W>): void {
    const panes = this.#keys.get(pane.key)
    if (panes === undefined) this.#keys.set(pane.key, [pane])
    else panes.push(pane)
  }

  delete(pane: WindowPane<K, W>): void {
    const panes = this.#keys.get(pane.key)
    const index = panes?.indexOf(pane) ?? -1
    if (panes === undefined || index < 0) return
    panes.splice(index, 1)
    if (panes.length === 0) this.#keys.delete(pane.key)
  }

  forEach(each: (pane: WindowPane<K, W>) => void): void {
    for (const panes of this.#keys.values()) panes.forEach((pane) => each(pane))
  }
}

const NO_PANES: readonly never[] = []
