// Runs a job that must fail, and sees to it that nothing of the job is left: no timer, no socket, no thread.

import { MillraceError, type StreamExecutionEnvironment } from 'millrace'

/** How a job failed. */
export interface Failure {
  readonly error: MillraceError
  /** 0 also when the job could not even start. */
  readonly restarts: number
}

/** How long a job may take, after its failure is known, to give back what it holds. */
const LEFT_MS_MAX = 500

/** The failure of `env.execute()`. Throws if the job succeeds, fails with something else, or leaves something behind. */
export async function failureOf(env: StreamExecutionEnvironment): Promise<Failure> {
  const before = activeResources()
  let restarts = 0
  try {
    const client = await env.executeAsync()
    await client.result().finally(() => (restarts = client.metrics().restarts))
  } catch (error) {
    await nothingLeft(before)
    if (error instanceof MillraceError) return { error, restarts }
    throw new Error('the job failed with another error than a MillraceError', { cause: error })
  }
  throw new Error('the job succeeded')
}

/** What keeps this process alive, by kind. */
export function activeResources(): readonly string[] {
  return process.getActiveResourcesInfo().toSorted()
}

/** Waits until nothing keeps this process alive that did not before; throws if something goes on doing so. */
export async function nothingLeft(before: readonly string[]): Promise<void> {
  const endMs = performance.now() + LEFT_MS_MAX
  let left = leftOver(before, activeResources())
  while (left.length > 0) {
    if (performance.now() > endMs) throw new Error(`the job left behind: ${left.join(', ')}`)
    // Unlike the timer of a longer wait, this does not count as left over itself.
    await new Promise((resolve) => setImmediate(resolve))
    left = leftOver(before, activeResources())
  }
}

function leftOver(before: readonly string[], after: readonly string[]): readonly string[] {
  const left = [...after]
  for (const resource of before) {
    const place = left.indexOf(resource)
    if (place >= 0) left.splice(place, 1)
  }
  return left
}
