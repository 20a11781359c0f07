// Closures cannot be sent to another thread, so a plan holds references, and every process that loaded the
// job's module holds the table that resolves them.

import { assert } from '@millrace/core'

/** Names a user function in the plan: the operator's uid and the function's role in it. */
export type FunctionRef = `${string}#${string}`

/** Resolves the function references of one job, in one process. */
export class FunctionTable {
  readonly #functions = new Map<FunctionRef, unknown>()

  /** Keeps a function (or a source, sink or factory) and answers its reference. */
  register(uid: string, role: string, value: unknown): FunctionRef {
    const ref: FunctionRef = `${uid}#${role}`
    assert(!this.#functions.has(ref), `one function for each reference, but ${ref} came twice`)
    this.#functions.set(ref, value)
    return ref
  }

  /** The function behind a reference. The caller knows its type from the operator's kind and role. */
  resolve<F>(ref: FunctionRef | undefined): F {
    assert(ref !== undefined && this.#functions.has(ref), `a function registered for ${ref}`)
    return this.#functions.get(ref) as F
  }
}
