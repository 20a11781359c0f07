import { writeFileSync } from 'node:fs'

/** Writes what happened in the runs of one seed, for a person to read: a heading for each run, then a line for each thing. */
export class TraceFile {
  readonly #path: string
  readonly #sections: string[] = []

  constructor(path: string) {
    this.#path = path
  }

  /** Adds a run. `facts` are shown as JSON at its beginning. */
  add(heading: string, facts: object, lines: readonly string[]): void {
    this.#sections.push(`=== ${heading}\n${JSON.stringify(facts, null, 2)}\n${lines.join('\n')}\n`)
  }

  write(): void {
    writeFileSync(this.#path, this.#sections.join('\n'))
  }
}
