// Random numbers that belong to an event number, not to a sequence of calls: `seedOf(seed, n)` mixes the two
// into a 32-bit state (the finalizer of MurmurHash3), and `step` moves a state on (xorshift32, Marsaglia 2003).
// A state is never 0, where xorshift would stay. All operations are on 32-bit integers, so that no number
// is ever boxed; the quality is enough to choose auctions and letters, and for nothing else.

const GOLDEN_RATIO = 0x9e3779b9

/** The first random state of event `eventNumber` (up to 2^53) under `seed`. */
export function seedOf(seed: number, eventNumber: number): number {
  // The bitwise operators take a number modulo 2^32; the part above is mixed in by itself.
  const high = eventNumber >= 2 ** 32 ? Math.floor(eventNumber / 2 ** 32) : 0
  return mix(mix(seed ^ Math.imul(high, GOLDEN_RATIO)) ^ (eventNumber | 0))
}

/** The state of another stream of random numbers of the same event. */
export function fork(state: number): number {
  return mix(state ^ GOLDEN_RATIO)
}

/** The next state, which is also the next 32 random bits. */
export function step(state: number): number {
  state ^= state << 13
  state ^= state >>> 17
  return state ^ (state << 5)
}

/** A whole number from 0 to `bound` - 1 out of the upper half of `state`; `bound` is at most 65536. */
export function below(state: number, bound: number): number {
  return Math.imul(state >>> 16, bound) >>> 16
}

function mix(bits: number): number {
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  bits ^= bits >>> 16
  return bits === 0 ? GOLDEN_RATIO | 0 : bits
}
