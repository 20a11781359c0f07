// Windows kept one by one, with Flink's semantics: any assigner, trigger and evictor, states by window. What slices and sessions
// can do, they do faster; everything else is done here.
//
//   record ─> assigner ─> pane of (key, window) ─┬─ content.add ─> trigger.onElement ─┐
//                 windows that touch: merged     │                                    ├─> fire: emit    purge: forget content
//   watermark, clock ─> timers of panes ─────────┴─ trigger.onTimer ──────────────────┘
//                           the clean-up timer of a pane: forget all of it
//
// In the snapshot: '$panes' and the states of panes with their windows, timers with their windows, states by key.

import {
  type Key,
  type PanePlan,
  type TimeWindow,
  type TriggerResult,
  type TypeDescriptor,
  type WindowAssignerContext,
  type WindowAssignerPlan,
} from '@millrace/core'
import {
  evolutionOf,
  HeapKeyedStateBackend,
  KeyedSnapshotWriter,
  type KeyedStateKind,
} from '@millrace/state'
import { FunctionLifeCycle } from '../operators/function-life-cycle.ts'
import type { OperatorContext, OperatorSnapshot } from '../operators/operator.ts'
import { restoredJson } from '../operators/restored-values.ts'
import { hasNumbers } from '../operators/slot-values.ts'
import { isFiring, isPurging } from './built-in-triggers.ts'
import { createTrigger } from './create-trigger.ts'
import { KeyedWindowOperator, refuseOtherWindows } from './keyed-window-operator.ts'
import { createPaneAssigner, type PaneAssigner } from './pane-assigner.ts'
import { EvictedContent, FoldedContent, type PaneContent } from './pane-content.ts'
import { PaneEvictor } from './pane-evictor.ts'
import { mergePanes } from './pane-merging.ts'
import { PaneStates, setState } from './pane-states.ts'
import { type PaneTimeDomain, PaneTimers, type PaneTimes } from './pane-timers.ts'
import { PaneTrigger } from './pane-trigger.ts'
import { ProcessWindowRunner } from './process-window-runner.ts'
import {
  PanesByKey,
  PanesByWindow,
  type PaneTable,
  type WindowId,
  WindowPane,
} from './window-pane.ts'

const PANES = '$panes'
const TIMERS = {
  'event-time': '$pane-timers.event-time',
  'processing-time': '$pane-timers.processing-time',
}
const SILENT_CLEANUPS = '$pane-timers.silent-cleanup'
const DOMAINS = ['event-time', 'processing-time'] as const
const STATE_PREFIX = /^\$(?:trigger|window)-state\./

/** Keyed windows of any kind. */
export class PaneWindowOperator<K extends Key, IN, ACC, OUT> extends KeyedWindowOperator<
  K,
  IN,
  ACC,
  OUT,
  WindowAssignerPlan
> {
  protected override readonly lifeCycle: FunctionLifeCycle | undefined
  readonly #assigner: PaneAssigner<IN, TimeWindow>
  readonly #assignerContext: WindowAssignerContext
  readonly #content: PaneContent<K, IN, TimeWindow>
  readonly #trigger: PaneTrigger<K, IN, TimeWindow>
  readonly #runner: ProcessWindowRunner<K, ACC, OUT, TimeWindow> | undefined
  readonly #keyStates: HeapKeyedStateBackend<K>
  readonly #paneStates = new PaneStates()
  readonly #timers: PaneTimers<K, TimeWindow>
  readonly #panes: PaneTable<K, TimeWindow>
  /** The same panes, if windows merge. */
  readonly #mergingPanes: PanesByKey<K, TimeWindow> | undefined
  #snapshotBytes = 0

  constructor(context: OperatorContext) {
    super(context)
    const plan = this.config.panes as PanePlan
    this.#assigner = createPaneAssigner<IN>(context, this.config.assigner)
    this.#mergingPanes = this.#assigner.mergeWindows === undefined ? undefined : new PanesByKey()
    this.#panes = this.#mergingPanes ?? new PanesByWindow()
    this.#timers = new PaneTimers({
      context,
      cleanup: {
        domain: this.isEventTime ? 'event-time' : 'processing-time',
        timeOf: (window) => this.#cleanupTime(window),
      },
      onTimer: (pane, time, domain) => this.#onTimer(pane, time, domain),
    })
    this.#assignerContext = { currentProcessingTime: () => this.#timers.processingTime() }
    this.#keyStates = new HeapKeyedStateBackend<K>({
      keyType: this.keyType,
      maxParallelism: context.maxParallelism,
      keyGroupRange: context.keyGroupRange,
      restored: context.restored.slot('keyed').map(({ bytes }) => bytes),
    })
    this.#trigger = new PaneTrigger<K, IN, TimeWindow>({
      operator: context.operator,
      trigger: createTrigger(context, plan.trigger, plan.elementType),
      states: this.#paneStates,
      timers: this.#timers,
      currentWatermark: () => this.watermark,
    })
    this.#runner = this.#createRunner(plan)
    this.lifeCycle =
      this.#runner &&
      new FunctionLifeCycle(context, {
        function: this.#runner.function,
        keyedStates: this.#keyStates,
      })
    this.#content = this.#createContent(plan)
  }

  override open(): void {
    const { restored } = this.#keyStates
    this.#restorePanes()
    this.#restoreStates()
    this.#restoreTimers()
    refuseOtherWindows(restored, this.context)
    this.#restoreClocks()
    this.lifeCycle?.open()
  }

  override processElement(value: IN, timestamp: number): void {
    const time = this.isEventTime ? this.eventTimeOf(value, timestamp) : timestamp
    const key = this.keyOf(value)
    this.#keyStates.setCurrentKey(key)
    let isTaken = false
    for (const window of this.#assigner.assignWindows(value, time, this.#assignerContext)) {
      const pane = this.#paneFor(key, window)
      if (pane === undefined) continue
      isTaken = true
      this.#content.add(pane, value, timestamp)
      this.#apply(this.#trigger.onElement(value, timestamp, pane), pane, false)
      this.#timers.registerCleanup(pane)
      this.#forgetIfEmpty(pane)
    }
    if (!isTaken && this.isEventTime && time + this.config.allowedLatenessMs <= this.watermark) {
      this.dropLate(value, timestamp)
    }
  }

  override processWatermark(watermark: number): void {
    this.watermark = watermark
    this.#timers.advance(watermark)
    this.output.processWatermark(watermark)
  }

  override finish(): void {
    this.#timers.finish()
  }

  override close(): void {
    this.#timers.close()
    this.lifeCycle?.close()
  }

  override snapshot(checkpointId: number, triggeredAtMs: number): OperatorSnapshot {
    const { keyType, context } = this
    // No key and window are current at a barrier: those of the last record are there by chance.
    this.#keyStates.clearCurrentKey()
    this.#paneStates.current = undefined
    const ofFunction = super.snapshot(checkpointId, triggeredAtMs)
    const writer = new KeyedSnapshotWriter({
      keyType,
      maxParallelism: context.maxParallelism,
      sizeBytesHint: this.#snapshotBytes,
    })
    this.#keyStates.snapshotInto(writer)
    this.#writePanes(writer)
    this.#writeStates(writer)
    this.#writeTimers(writer)
    const keyed = writer.finish()
    // The next one is about as large: with room for it, it is not copied while it grows.
    this.#snapshotBytes = keyed.length
    const clock = { ...this.#timers.times, staggerMs: this.#assigner.staggerMs ?? null }
    return { ...ofFunction, keyed, 'window-time': new TextEncoder().encode(JSON.stringify(clock)) }
  }

  #createRunner({ isFolded }: PanePlan): ProcessWindowRunner<K, ACC, OUT, TimeWindow> | undefined {
    if (this.context.operator.functions['processWindowFunction'] === undefined) return undefined
    return new ProcessWindowRunner({
      context: this.context,
      aggregate: this.aggregate,
      keyStates: this.#keyStates,
      paneStates: this.#paneStates,
      isMerging: this.#mergingPanes !== undefined,
      isFolded,
    })
  }

  #createContent({ evictor, elementType, isFolded }: PanePlan): PaneContent<K, IN, TimeWindow> {
    const folding = {
      ...this.merging,
      add: (accumulator: ACC | undefined, value: IN) => this.add(accumulator, value),
      owned: (accumulator: ACC) => this.owned(accumulator),
      emit: (pane: WindowPane<K, TimeWindow>, accumulator: ACC) => this.#emit(pane, accumulator),
    }
    if (evictor === null) return new FoldedContent(this.config.accumulatorType, folding)
    const paneEvictor = new PaneEvictor<IN, TimeWindow>(this.context, evictor, {
      currentWatermark: () => this.watermark,
      currentProcessingTime: () => this.#timers.processingTime(),
    })
    return new EvictedContent(elementType, folding, paneEvictor, !isFolded)
  }

  /** The pane that a record goes into, with the windows it touches merged; `undefined` if the window is over. */
  #paneFor(key: K, window: TimeWindow): WindowPane<K, TimeWindow> | undefined {
    if (this.#mergingPanes !== undefined)
      return this.#mergedPaneFor(key, window, this.#mergingPanes)
    const id = this.#assigner.idOf(window)
    const pane = this.#panes.find(key, id)
    if (pane !== undefined) return pane
    return this.#isOver(window) ? undefined : this.#addPane(key, window, id)
  }

  #mergedPaneFor(
    key: K,
    window: TimeWindow,
    panes: PanesByKey<K, TimeWindow>,
  ): WindowPane<K, TimeWindow> | undefined {
    const actual = mergePanes(panes.of(key), window, this.#assigner, (sources, result) =>
      this.#merge(key, sources, result),
    )
    const id = this.#assigner.idOf(actual)
    const pane = panes.find(key, id)
    if (pane !== undefined) return pane
    return this.#isOver(actual) ? undefined : this.#addPane(key, actual, id)
  }

  /** `result` takes the place of the windows of `sources`, of which it may be one. */
  #merge(key: K, sources: readonly WindowPane<K, TimeWindow>[], result: TimeWindow): void {
    const id = this.#assigner.idOf(result)
    const pane = sources.find((source) => source.id === id) ?? this.#addPane(key, result, id)
    const merged = sources.filter((source) => source !== pane)
    this.#trigger.onMerge(pane, merged)
    for (const source of merged) {
      this.#trigger.clear(source)
      this.#content.merge(pane, source)
      this.#forget(source)
    }
    this.#timers.registerCleanup(pane)
  }

  #addPane(key: K, window: TimeWindow, id: WindowId): WindowPane<K, TimeWindow> {
    const pane = new WindowPane(this.ownedKey(key), window, id)
    this.#panes.add(pane)
    return pane
  }

  #onTimer(pane: WindowPane<K, TimeWindow>, time: number, domain: PaneTimeDomain): void {
    this.#keyStates.setCurrentKey(pane.key)
    const isCleanup = this.#timers.isCleanup(domain, time, pane)
    if (!isCleanup || !pane.isCleanupSilent) {
      this.#apply(this.#trigger.onTimer(domain, time, pane), pane, isCleanup)
    }
    if (isCleanup) this.#clear(pane)
    else this.#forgetIfEmpty(pane)
  }

  #apply(result: TriggerResult, pane: WindowPane<K, TimeWindow>, isCleanup: boolean): void {
    const isPurge = isPurging(result)
    if (isFiring(result) && pane.hasContent) this.#content.fire(pane, isPurge || isCleanup)
    if (isPurge) pane.clearContent()
  }

  #emit(pane: WindowPane<K, TimeWindow>, accumulator: ACC): void {
    if (this.#runner === undefined) {
      this.emitter.emit(pane.key, pane.window, accumulator, this.watermark)
    } else this.#runner.process(pane, accumulator, this.watermark)
  }

  /** The window is over for good. */
  #clear(pane: WindowPane<K, TimeWindow>): void {
    pane.clearContent()
    this.#trigger.clear(pane)
    this.#runner?.clear(pane, this.watermark)
    this.#forget(pane)
  }

  #forget(pane: WindowPane<K, TimeWindow>): void {
    pane.isGone = true
    this.#timers.deleteCleanup(pane)
    this.#panes.delete(pane)
  }

  /** A pane that holds nothing is made anew when it is needed; of windows that merge, each counts even when it is empty. */
  #forgetIfEmpty(pane: WindowPane<K, TimeWindow>): void {
    if (this.#mergingPanes === undefined && pane.isEmpty && !pane.isGone) this.#forget(pane)
  }

  #cleanupTime(window: TimeWindow): number {
    return window.end - 1 + this.config.allowedLatenessMs
  }

  #isOver(window: TimeWindow): boolean {
    return this.isEventTime && this.#cleanupTime(window) <= this.watermark
  }

  #writePanes(writer: KeyedSnapshotWriter): void {
    writer.writeTable({ name: PANES, kind: 'window', valueType: this.#paneType() }, (add) =>
      this.#panes.forEach((pane) => {
        const { key, window, hasContent, content } = pane
        if (!hasContent && this.#mergingPanes === undefined) return
        add(key, window.start, { window, content: hasContent ? [content] : [] })
      }),
    )
  }

  #writeStates(writer: KeyedSnapshotWriter): void {
    this.#paneStates.slots.forEach(({ tableName, kind, valueType }, slot) => {
      const stored = this.#stateType(valueType)
      writer.writeTable({ name: tableName, kind, valueType: stored }, (add) =>
        this.#panes.forEach(({ key, window, states }) => {
          const value = states?.[slot]
          if (value !== undefined) add(key, window.start, { window, value })
        }),
      )
    })
  }

  #writeTimers(writer: KeyedSnapshotWriter): void {
    const valueType = this.#assigner.windowType
    const isSilent = (domain: PaneTimeDomain, time: number, pane: WindowPane<K, TimeWindow>) =>
      pane.isCleanupSilent && this.#timers.isCleanup(domain, time, pane)
    for (const domain of DOMAINS) {
      writer.writeTable({ name: TIMERS[domain], kind: 'timers', valueType }, (add) =>
        this.#timers.forEach(domain, (time, pane) => {
          if (!isSilent(domain, time, pane)) add(pane.key, time, pane.window)
        }),
      )
    }
    writer.writeTable({ name: SILENT_CLEANUPS, kind: 'timers', valueType }, (add) => {
      for (const domain of DOMAINS) {
        this.#timers.forEach(domain, (time, pane) => {
          if (isSilent(domain, time, pane)) add(pane.key, time, pane.window)
        })
      }
    })
  }

  #restorePanes(): void {
    const evolution = evolutionOf(this.aggregate.accumulatorEvolution ?? {}, 'content[]')
    const table = {
      kind: 'window',
      keyType: this.keyType,
      valueType: this.#paneType(),
      evolution,
    }
    this.#keyStates.restored.readTable(PANES, table, (key, _start, stored) => {
      const { window, content } = stored as StoredPane
      const pane = this.#restoredPane(key as K, window)
      pane.hasContent = content.length > 0
      if (pane.hasContent) pane.content = this.#content.restored(content[0])
    })
  }

  /** All of them, with the types they were written with: a merge may need them before anybody declares them. */
  #restoreStates(): void {
    const { restored } = this.#keyStates
    for (const { name, kind, valueType } of restored.tables()) {
      if (!STATE_PREFIX.test(name) || valueType === undefined) continue
      const slot = this.#paneStates.slotOf({
        tableName: name,
        kind: kind as KeyedStateKind,
        valueType: valueOfState(valueType),
      })
      restored.readTable(
        name,
        { kind, keyType: this.keyType, valueType },
        (key, _start, stored) => {
          const { window, value } = stored as StoredState
          setState(this.#restoredPane(key as K, window), slot, value)
        },
      )
    }
  }

  #restoreTimers(): void {
    const table = { kind: 'timers', keyType: this.keyType, valueType: this.#assigner.windowType }
    const { restored } = this.#keyStates
    for (const domain of DOMAINS) {
      restored.readTable(TIMERS[domain], table, (key, time, window) =>
        this.#timers.register(domain, time, this.#restoredPane(key as K, window as TimeWindow)),
      )
    }
    restored.readTable(SILENT_CLEANUPS, table, (key, _time, window) => {
      const pane = this.#restoredPane(key as K, window as TimeWindow)
      this.#timers.registerCleanup(pane)
      pane.isCleanupSilent = true
    })
  }

  /** After other windows are refused: those keep other times under this name. */
  #restoreClocks(): void {
    const clocks = restoredJson<StoredClock>(this.context.restored, 'window-time', {
      expected: 'the times of windows',
      test: (json) => hasNumbers(json, 'eventTime', 'processingTime'),
    }).map(({ value }) => value)
    const [first] = clocks
    if (first === undefined) return
    this.#timers.restoreTimes({
      eventTime: Math.min(...clocks.map(({ eventTime }) => eventTime)),
      processingTime: Math.min(...clocks.map(({ processingTime }) => processingTime)),
    })
    if (first.staggerMs !== null) this.#assigner.staggerMs = first.staggerMs
  }

  #restoredPane(key: K, window: TimeWindow): WindowPane<K, TimeWindow> {
    const id = this.#assigner.idOf(window)
    return this.#panes.find(key, id) ?? this.#addPane(key, window, id)
  }

  /** A pane has one content or none. */
  #paneType(): TypeDescriptor {
    const content: TypeDescriptor = { kind: 'array', element: this.#content.type }
    return withWindow(this.#assigner.windowType, 'content', content)
  }

  #stateType(valueType: TypeDescriptor): TypeDescriptor {
    return withWindow(this.#assigner.windowType, 'value', valueType)
  }
}

interface StoredPane {
  readonly window: TimeWindow
  readonly content: readonly unknown[]
}

interface StoredState {
  readonly window: TimeWindow
  readonly value: unknown
}

interface StoredClock extends PaneTimes {
  readonly staggerMs: number | null
}

function withWindow(
  windowType: TypeDescriptor,
  name: 'content' | 'value',
  type: TypeDescriptor,
): TypeDescriptor {
  return {
    kind: 'record',
    fields: [
      { name: 'window', type: windowType },
      { name, type },
    ],
  }
}

/** The type of a state, out of that of its table. */
function valueOfState(stored: TypeDescriptor): TypeDescriptor {
  const fields = stored.kind === 'record' ? stored.fields : []
  return fields.find(({ name }) => name === 'value')?.type ?? { kind: 'any' }
}
