/** Work that can pause wherever it yields. */
export type Steps<T = void> = Generator<void, T>

/** Does all of it without a pause. */
export function runSteps<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}
