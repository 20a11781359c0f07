// Which windows of a key become one when a record opens another.

import type { TimeWindow } from '@millrace/core'
import type { PaneAssigner } from './pane-assigner.ts'
import type { WindowPane } from './window-pane.ts'

/**
 * Asks the assigner what becomes of the windows of a key and of the one that a record opens. Calls `merge` for each group of panes
 * that another window takes the place of, and answers the window that the record belongs to.
 */
export function mergePanes<K, W extends TimeWindow>(
  panes: readonly WindowPane<K, W>[],
  opened: W,
  assigner: PaneAssigner<never, W>,
  merge: (sources: readonly WindowPane<K, W>[], result: W) => void,
): W {
  if (panes.length === 0) return opened
  const openedId = assigner.idOf(opened)
  let actual = opened
  const groups: { readonly sources: readonly WindowPane<K, W>[]; readonly result: W }[] = []
  assigner.mergeWindows?.([...panes.map(({ window }) => window), opened], (merged, result) => {
    const ids = new Set(merged.map((window) => assigner.idOf(window)))
    if (ids.has(openedId)) actual = result
    groups.push({ sources: panes.filter(({ id }) => ids.has(id)), result })
  })
  for (const { sources, result } of groups) {
    const [only] = sources
    const isUnchanged =
      only === undefined || (sources.length === 1 && only.id === assigner.idOf(result))
    if (!isUnchanged) merge(sources, result)
  }
  return actual
}
