import {
  type Collector,
  Decimal,
  type Infer,
  type KeyedProcessContext,
  type KeyedProcessFunction,
  type KeyedRuntimeContext,
  type StreamExecutionEnvironment,
  Types,
  type ValueState,
} from 'millrace'

/** A value of a class of the job's own, which travels and is kept as bytes. */
export class Money {
  readonly cents: number
  readonly currency: string

  constructor(cents: number, currency: string) {
    this.cents = cents
    this.currency = currency
  }
}

const MoneyType = Types.custom<Money>({
  name: 'orders.Money',
  encode: ({ cents, currency }) => Buffer.from(`${cents} ${currency}`),
  decode: (bytes) => {
    const [cents, currency] = Buffer.from(bytes).toString().split(' ')
    return new Money(Number(cents), currency ?? '')
  },
})

export const OrderEvent = Types.union('kind', {
  placed: Types.record({
    customer: Types.string,
    price: Types.decimal(12, 2),
    fee: MoneyType,
    priority: Types.enum('normal', 'express'),
    note: Types.optional(Types.string),
  }),
  shipped: Types.record({
    customer: Types.string,
    route: Types.tuple(Types.string, Types.float),
    boxes: Types.set(Types.short),
    samples: Types.float64Array,
  }),
})
export type OrderEvent = Infer<typeof OrderEvent>

const Account = Types.record({
  customer: Types.string,
  total: Types.decimal(38, 2),
  fees: MoneyType,
  shipped: Types.set(Types.short),
  last: Types.nullable(OrderEvent),
})
export type Account = Infer<typeof Account>

export const EVENTS = 4000
export const CUSTOMERS = 10

/** Event `index`; each customer's are dealt out in turn. */
export function orderEvent(index: number): OrderEvent {
  const customer = `customer ${index % CUSTOMERS}`
  if (index % 3 === 0) {
    return {
      kind: 'shipped',
      customer,
      route: [`route ${index}`, 0.5],
      boxes: new Set([index % 100]),
      samples: Float64Array.of(index),
    }
  }
  const fee = new Money(index, 'EUR')
  const placed = { kind: 'placed', customer, price: Decimal.of(index, 2), fee } as const
  return index % 2 === 0
    ? { ...placed, priority: 'express', note: `note ${index}` }
    : { ...placed, priority: 'normal' }
}

/** The account of the customer after each event; it fails once, in the middle. */
export default function orders(env: StreamExecutionEnvironment): Promise<Account[]> {
  return env
    .generate({ count: EVENTS, recordsPerSecond: 20_000, generator: orderEvent, type: OrderEvent })
    .keyBy((event) => event.customer, { type: Types.string })
    .process(() => new Accounts(), { type: Account })
    .executeAndCollect()
}

class Accounts implements KeyedProcessFunction<string, OrderEvent, Account> {
  #account!: ValueState<Account | undefined>
  #isFirstAttempt = false

  open(context: KeyedRuntimeContext): void {
    this.#isFirstAttempt = context.attempt === 0
    this.#account = context.getValueState({ name: 'account', type: Account })
  }

  processElement(
    event: OrderEvent,
    context: KeyedProcessContext<string>,
    out: Collector<Account>,
  ): void {
    const before = this.#account.value() ?? newAccount(context.currentKey)
    const after = withEvent(before, event)
    this.#account.update(after)
    out.collect(after)
    if (this.#isFirstAttempt && event.kind === 'placed' && event.price.compare(HALF) > 0) {
      throw new Error('fails once, in the middle')
    }
  }
}

const HALF = Decimal.of(EVENTS / 2, 2)

export function newAccount(customer: string): Account {
  return {
    customer,
    total: Decimal.of(0, 2),
    fees: new Money(0, 'EUR'),
    shipped: new Set(),
    last: null,
  }
}

export function withEvent(account: Account, event: OrderEvent): Account {
  if (event.kind === 'shipped') {
    return { ...account, shipped: new Set([...account.shipped, ...event.boxes]), last: event }
  }
  const fees = new Money(account.fees.cents + event.fee.cents, event.fee.currency)
  return { ...account, total: account.total.add(event.price), fees, last: event }
}
