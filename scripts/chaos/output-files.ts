// The part files of the job's sink, as a reader sees them: hidden ones do not count.

import { existsSync, type FSWatcher, mkdirSync, readdirSync, readFileSync, watch } from 'node:fs'
import { join } from 'node:path'

/** All committed lines, sorted. */
export function committedLines(folder: string): readonly string[] {
  return namesIn(folder)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
    .filter((line) => line !== '')
    .sort()
}

/** The files that are not committed. */
export function hiddenFiles(folder: string): readonly string[] {
  return namesIn(folder).filter((name) => name.startsWith('.'))
}

/** How two sorted lists differ. */
export interface Difference {
  /** Lines that came too often, or that are wrong. */
  readonly duplicates: number
  /** Lines that did not come. */
  readonly losses: number
}

/** Counts what is too much and what is missing in `came`; both lists are sorted. */
export function differenceOf(expected: readonly string[], came: readonly string[]): Difference {
  let duplicates = 0
  let losses = 0
  let left = 0
  let right = 0
  while (left < expected.length || right < came.length) {
    const wanted = expected[left]
    const found = came[right]
    if (wanted === found) {
      left++
      right++
    } else if (found === undefined || (wanted !== undefined && wanted < found)) {
      losses++
      left++
    } else {
      duplicates++
      right++
    }
  }
  return { duplicates, losses }
}

/** Notes when the first file of each attempt of each run became visible. */
export class OutputWatch {
  readonly #watcher: FSWatcher
  readonly #firstSeenMs = new Map<string, number>()

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true })
    this.#watcher = watch(folder, (_, name) => {
      const [, run, attempt] = /^part-\d+-([^-]+)-(\d+)-/.exec(name ?? '') ?? []
      const key = `${run} ${attempt}`
      if (run !== undefined && !this.#firstSeenMs.has(key)) {
        this.#firstSeenMs.set(key, performance.now())
      }
    })
  }

  /** When something that this attempt wrote, not one before it, was first seen; `undefined` if nothing was. */
  firstSeenMs(jobId: string, attempt: number): number | undefined {
    if (jobId === '') return undefined
    for (const [key, seenMs] of this.#firstSeenMs) {
      const [run = '', ofAttempt] = key.split(' ')
      if (ofAttempt === String(attempt) && jobId.replaceAll(/\W/g, '').startsWith(run))
        return seenMs
    }
    return undefined
  }

  close(): void {
    this.#watcher.close()
  }
}

function namesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : []
}
