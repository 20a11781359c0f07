/**
 * Calls `step` again and again until it answers `false`, each time in a turn of its own of the real
 * event loop: all promise reactions that a step brought about, and those that follow from them, run
 * before the next step. Rejects with what a step throws.
 */
export function runInTurns(step: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    let isDone = false
    const turn = (): void => {
      if (isDone) return
      try {
        if (step()) return
        isDone = true
        resolve()
      } catch (error) {
        isDone = true
        reject(error)
      }
    }
    const fill = (): void => {
      for (let count = 1; count < TURNS_PER_FILL; count++) setImmediate(turn)
      setImmediate(() => {
        if (!isDone) fill()
      })
    }
    fill()
  })
}

/**
 * Immediates are queued so many at a time. Node settles promises after each of them, but goes
 * around the loop only once for all: 0.3 µs a turn instead of 2.7 µs (Node 24, one million empty
 * turns).
 */
const TURNS_PER_FILL = 64
