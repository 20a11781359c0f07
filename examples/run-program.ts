// Runs an example as its reader does: as a program of its own.

import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** What a program left behind. */
export interface ProgramEnd {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A program that runs. */
export interface RunningProgram {
  readonly process: ChildProcess
  /** Settles when it has ended and all it wrote has come. */
  readonly ended: Promise<ProgramEnd>
  /** Resolves with all of standard output so far, once that fits; rejects if the program ends before. */
  outputMatches(expected: RegExp): Promise<string>
}

/** Starts a program of this folder, such as `01-word-count/main.ts`. */
export function startProgram(path: string, args: readonly string[] = []): RunningProgram {
  const main = fileURLToPath(new URL(path, import.meta.url))
  const child = spawn(process.execPath, ['--conditions=source', main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text))
  const ended = new Promise<ProgramEnd>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (exitCode, signal) => resolve({ exitCode, signal, ...output }))
  })
  const outputMatches = (expected: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (expected.test(output.stdout)) resolve(output.stdout)
      }
      child.stdout.on('data', look)
      look()
      const unmet = (): Error =>
        new Error(`the program ended without ${expected}:\n${output.stdout}${output.stderr}`)
      ended.then(() => reject(unmet()), reject)
    })
  return { process: child, ended, outputMatches }
}

/** Runs a program of this folder to its end. */
export function runProgram(path: string, args: readonly string[] = []): Promise<ProgramEnd> {
  return startProgram(path, args).ended
}
