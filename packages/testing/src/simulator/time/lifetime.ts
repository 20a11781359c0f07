/**
 * One run of a simulated process, from its start to its crash. Whatever is done for a process is
 * bound to its lifetime: events of an ended one never run.
 */
export class Lifetime {
  /** The name of the process and the number of this run of it, such as `worker#2`. */
  readonly name: string
  #endings: (() => void)[] = []
  #isAlive = true

  constructor(name: string) {
    this.name = name
  }

  get isAlive(): boolean {
    return this.#isAlive
  }

  /** Calls `ending` once when the lifetime ends, in the order of the calls. */
  atEnd(ending: () => void): void {
    this.#endings.push(ending)
  }

  /** Ends the lifetime. A second call does nothing. */
  end(): void {
    if (!this.#isAlive) return
    this.#isAlive = false
    for (const ending of this.#endings) ending()
    this.#endings = []
  }
}
