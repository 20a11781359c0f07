/** What one case of the engine benchmark found. */
export interface Finding {
  readonly name: string
  /** For example `'sliding 60 s / 1 s : tumbling 60 s, ns an event'`. */
  readonly what: string
  readonly value: number
  readonly unit: 'M records/s' | 'ratio' | 'ms'
  /** What the value should be at least, or at most. */
  readonly bar: { readonly atLeast: number } | { readonly atMost: number }
  /** The value of each round, in order. */
  readonly rounds: readonly number[]
  /** What helps to judge the value, by name. */
  readonly details: Readonly<Record<string, number>>
}

/** Whether the value is where the bar wants it. */
export function isReached({ value, bar }: Finding): boolean {
  return 'atLeast' in bar ? value >= bar.atLeast : value <= bar.atMost
}

/** A number for people: three significant digits. */
export function short(value: number): number {
  return Number(value.toPrecision(3))
}
