// Operator ids. An operator's state is kept under its uid, so a uid must not change when the program is run
// again. Without one from the user it is derived from what the operator is and where its input comes from:
// building an unrelated stream before it does not change it.

import { MillraceError, show } from '@millrace/core'
import { fingerprint } from './fingerprint.ts'

/** Hands out uids for one program and refuses duplicates. */
export class OperatorIds {
  /** The name of the operator that has a uid. */
  readonly #taken = new Map<string, string>()

  /** Takes a uid given by the user; `operatorName` is for the message of an error. */
  claim(uid: string, operatorName: string): string {
    if (typeof uid !== 'string' || uid.length === 0 || uid.length > 200 || uid.includes('#')) {
      throw new MillraceError('OPTION_INVALID', {
        expected: "a uid of 1 to 200 characters without '#'",
        came: show(uid),
        todo: "Give a short name, such as .uid('count-per-word').",
      })
    }
    const owner = this.#taken.get(uid)
    if (owner !== undefined) {
      throw new MillraceError('UID_DUPLICATE', {
        expected: 'a uid that no other operator of the job has',
        came: `${show(uid)} a second time: '${owner}' has it, and '${operatorName}'`,
        todo: 'State is kept under the uid: give each operator its own.',
        ids: { uid },
      })
    }
    this.#taken.set(uid, operatorName)
    return uid
  }

  /** Derives a uid from the operator's kind and the uids it reads from. */
  derive(kind: string, inputUids: readonly string[]): string {
    const base = `${kind}-${fingerprint(JSON.stringify([kind, ...inputUids])).slice(0, 8)}`
    let uid = base
    for (let n = 2; this.#taken.has(uid); n++) uid = `${base}-${n}`
    this.#taken.set(uid, kind)
    return uid
  }
}
