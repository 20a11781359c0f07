// Windows of so many records, made of the global window, a trigger that counts and, when they slide, an evictor.

import {
  type AnyTrigger,
  checkInteger,
  CountEvictor,
  CountTrigger,
  type PlainEvictorDescription,
  PurgingTrigger,
} from '@millrace/core'

interface Windowed<S> {
  trigger(trigger: AnyTrigger<unknown>): S
  evictor(evictor: PlainEvictorDescription): S
}

/** Gives a stream in global windows what makes them count. */
export function inCountWindows<S extends Windowed<S>>(stream: S, size: number, slide?: number): S {
  const range = { min: 1, max: Number.MAX_SAFE_INTEGER }
  checkInteger('window size', size, range)
  if (slide === undefined) return stream.trigger(PurgingTrigger.of(CountTrigger.of(size)))
  checkInteger('window slide', slide, range)
  return stream.evictor(CountEvictor.of(size)).trigger(CountTrigger.of(slide))
}
