import type {
  AggregateFunction,
  AggregatingState,
  ReduceFunction,
  ReducingState,
  ValueState,
} from '@millrace/core'
import type { TimedValue, TimedValueClass } from './timed-values.ts'
import type { TtlTable } from './ttl-table.ts'

/** One value a key that expires: what value, reducing and aggregating state with a time to live have in common. */
class TtlCell<T> {
  readonly #ttl: TtlTable<TimedValue<T>>
  readonly #Timed: TimedValueClass<T>

  constructor(ttl: TtlTable<TimedValue<T>>, Timed: TimedValueClass<T>) {
    this.#ttl = ttl
    this.#Timed = Timed
  }

  /** The value as a reader sees it. */
  read(): T | undefined {
    const nowMs = this.#ttl.access()
    const { table, settings } = this.#ttl
    const timed = table.get()
    if (timed === undefined) return undefined
    if (this.#ttl.isExpired(timed, nowMs)) {
      table.remove()
      return settings.showsExpired ? timed.value : undefined
    }
    if (settings.updatesOnRead) timed.accessedAt = nowMs
    return timed.value
  }

  /** The value that something is folded into: nothing is used yet, nothing removed. */
  base(): T | undefined {
    const { table, settings } = this.#ttl
    const timed = table.get()
    if (timed === undefined) return undefined
    const isGone = !settings.showsExpired && this.#ttl.isExpired(timed, this.#ttl.now())
    return isGone ? undefined : timed.value
  }

  write(value: T): void {
    const nowMs = this.#ttl.access()
    const { table } = this.#ttl
    const timed = table.get()
    if (timed !== undefined && typeof value === 'object' && timed.value === value) {
      timed.accessedAt = nowMs
    } else {
      table.put(new this.#Timed(value, nowMs))
    }
  }

  clear(): void {
    this.#ttl.table.remove()
  }
}

/** A value state that expires. */
export class TtlValueState<T> implements ValueState<T | undefined> {
  readonly #cell: TtlCell<T>
  readonly #defaultValue: T | undefined

  constructor(
    ttl: TtlTable<TimedValue<T>>,
    Timed: TimedValueClass<T>,
    defaultValue: T | undefined,
  ) {
    this.#cell = new TtlCell(ttl, Timed)
    this.#defaultValue = defaultValue
  }

  value(): T | undefined {
    return this.#cell.read() ?? this.#defaultValue
  }

  update(value: T | undefined): void {
    if (value === undefined || value === null) this.#cell.clear()
    else this.#cell.write(value)
  }

  clear(): void {
    this.#cell.clear()
  }
}

/** A reducing state that expires: what is added later begins anew. */
export class TtlReducingState<T> implements ReducingState<T> {
  readonly #cell: TtlCell<T>
  readonly #reduce: ReduceFunction<T>

  constructor(ttl: TtlTable<TimedValue<T>>, Timed: TimedValueClass<T>, reduce: ReduceFunction<T>) {
    this.#cell = new TtlCell(ttl, Timed)
    this.#reduce = reduce
  }

  get(): T | undefined {
    return this.#cell.read()
  }

  add(value: T): void {
    const before = this.#cell.base()
    this.#cell.write(before === undefined ? value : this.#reduce(before, value))
  }

  clear(): void {
    this.#cell.clear()
  }
}

/** An aggregating state that expires: what is added later begins with a fresh accumulator. */
export class TtlAggregatingState<IN, ACC, OUT> implements AggregatingState<IN, OUT> {
  readonly #cell: TtlCell<ACC>
  readonly #aggregate: AggregateFunction<IN, ACC, OUT>

  constructor(
    ttl: TtlTable<TimedValue<ACC>>,
    Timed: TimedValueClass<ACC>,
    aggregate: AggregateFunction<IN, ACC, OUT>,
  ) {
    this.#cell = new TtlCell(ttl, Timed)
    this.#aggregate = aggregate
  }

  get(): OUT | undefined {
    const accumulator = this.#cell.read()
    return accumulator === undefined ? undefined : this.#aggregate.getResult(accumulator)
  }

  add(value: IN): void {
    const before = this.#cell.base() ?? this.#aggregate.createAccumulator()
    this.#cell.write(this.#aggregate.add(before, value))
  }

  clear(): void {
    this.#cell.clear()
  }
}
