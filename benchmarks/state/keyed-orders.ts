// The job of the state benchmark: every key once, then keys in no simple order until it is canceled, each changing its state.

import {
  type Collector,
  type JsonValue,
  type KeyedProcessFunction,
  type KeyedRuntimeContext,
  type PollResult,
  type Source,
  type SourceOutput,
  type SourceReader,
  type SourceSplit,
  type SplitEnumerator,
  type SplitEnumeratorContext,
  staticSplitEnumerator,
  Types,
  type ValueState,
} from 'millrace'

/** A record of the benchmark: what is changed, by how much. */
export class Order {
  readonly key: number
  readonly amount: number

  constructor(key: number, amount: number) {
    this.key = key
    this.amount = amount
  }
}

/** What the running job tells the benchmark, in the same thread. */
export interface JobWatch {
  /** All keys have been there once. */
  onFilled(): void
  onFirstRecord(): void
  onBarrier(checkpointId: number): void
  onComplete(checkpointId: number): void
  onPolled(records: number): void
}

interface OrderSplit extends SourceSplit {
  readonly next: number
}

/** All keys in order, then a prime number of keys further each time. */
export class OrderSource implements Source<Order, OrderSplit> {
  readonly name: string = 'Orders'
  readonly boundedness = 'bounded'
  readonly type = Types.record({ key: Types.long, amount: Types.int })
  readonly #keys: number
  readonly #watch: JobWatch

  constructor(keys: number, watch: JobWatch) {
    this.#keys = keys
    this.#watch = watch
  }

  describe(): JsonValue {
    return { keys: this.#keys }
  }

  createEnumerator(
    context: SplitEnumeratorContext<OrderSplit>,
    restored: JsonValue | undefined,
  ): SplitEnumerator<OrderSplit> {
    const findSplits = (): readonly OrderSplit[] => [{ splitId: 'all', next: 0 }]
    return staticSplitEnumerator({ context, restored, findSplits })
  }

  createReader(): SourceReader<Order, OrderSplit> {
    return new OrderReader(this.#keys, this.#watch)
  }
}

class OrderReader implements SourceReader<Order, OrderSplit> {
  readonly #keys: number
  readonly #watch: JobWatch
  #split: OrderSplit | undefined
  #next = 0

  constructor(keys: number, watch: JobWatch) {
    this.#keys = keys
    this.#watch = watch
  }

  start(): void {}

  addSplits([split]: readonly OrderSplit[]): void {
    this.#split = split
    this.#next = split?.next ?? 0
  }

  notifyNoMoreSplits(): void {}

  pollNext(output: SourceOutput<Order>, recordsMax: number): PollResult {
    if (this.#split === undefined) return 'nothing-now'
    const keys = this.#keys
    const wasFilled = this.#next >= keys
    for (let polled = 0; polled < recordsMax; polled++) {
      const n = this.#next++
      output.collect(new Order(n < keys ? n : (n * STRIDE) % keys, n & 1023))
    }
    if (!wasFilled && this.#next >= keys) this.#watch.onFilled()
    this.#watch.onPolled(recordsMax)
    return 'more'
  }

  snapshot(): readonly OrderSplit[] {
    return this.#split === undefined ? [] : [{ ...this.#split, next: this.#next }]
  }

  close(): void {}
}

/** A prime that divides no number of keys that is asked for. */
const STRIDE = 7_919

/** Changes the state of one key. */
type Change = (order: Order) => void

/** The states that can be measured, by the name of their case. */
const STATES: Readonly<Record<string, (context: KeyedRuntimeContext) => Change>> = {
  numbers: (context) => {
    const sum = context.getValueState({ name: 'sum', type: Types.long, defaultValue: 0 })
    return ({ amount }) => sum.update(sum.value() + amount)
  },
  objects: (context) => records(context, 'a customer of the shop'),
  large: (context) => records(context, 'x'.repeat(1000)),
}

const Customer = Types.record({ name: Types.string, orders: Types.int, spent: Types.double })
type Customer = { name: string; orders: number; spent: number }

/** Records that are changed in place. */
function records(context: KeyedRuntimeContext, text: string): Change {
  const state: ValueState<Customer | undefined> = context.getValueState({
    name: 'customer',
    type: Customer,
  })
  return ({ key, amount }) => {
    const customer = state.value() ?? {
      // Joined anew for each, as a text from outside would be.
      name: Buffer.from(`${text} ${key}`, 'latin1').toString('latin1'),
      orders: 0,
      spent: 0,
    }
    customer.orders++
    customer.spent += amount
    state.update(customer)
  }
}

/** Whether the keys of a case are text. */
export function hasTextKeys(name: string): boolean {
  return name !== 'numbers'
}

/** Keeps the state of a case, and tells of records and checkpoints. */
export class OrderKeeper implements KeyedProcessFunction<number | string, Order, number> {
  readonly #name: string
  readonly #watch: JobWatch
  #change!: Change
  #hasBegun = false

  constructor(name: string, watch: JobWatch) {
    this.#name = name
    this.#watch = watch
  }

  open(context: KeyedRuntimeContext): void {
    const declare = STATES[this.#name]
    if (declare === undefined) throw new Error(`no state is called ${this.#name}`)
    this.#change = declare(context)
  }

  processElement(order: Order, _context: unknown, _out: Collector<number>): void {
    if (!this.#hasBegun) {
      this.#hasBegun = true
      this.#watch.onFirstRecord()
    }
    this.#change(order)
  }

  snapshotState({ checkpointId }: { readonly checkpointId: number }): void {
    this.#watch.onBarrier(checkpointId)
  }

  notifyCheckpointComplete(checkpointId: number): void {
    this.#watch.onComplete(checkpointId)
  }
}
