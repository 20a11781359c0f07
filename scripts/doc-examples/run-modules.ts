// Runs examples one after the other in one process: a path comes as a message, what the module printed goes back.
// Every line a `console.log` prints is kept with the line of the example that called it.

import { Console } from 'node:console'
import { Writable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import type { Print, Run } from './compare.ts'

let file = ''
let output = ''
let prints: Print[] = []
let errors: string[] = []

process.stdout.write = (chunk: unknown): true => {
  output += String(chunk)
  return true
}

const formatted = new Writable({
  decodeStrings: false,
  write(chunk, _encoding, done) {
    const text = String(chunk)
    output += text
    const line = lineOf(file, new Error('where the print was called').stack ?? '')
    if (line !== undefined) prints.push({ line, text: text.replace(/\n$/, '') })
    done()
  },
})
const printing = new Console(formatted)
console.log = (...values: unknown[]): void => printing.log(...values)

process.on('uncaughtException', (error) => errors.push(String(error)))
process.on('message', (path: string) => {
  void runModule(path).then((run) => process.send?.(run))
})

async function runModule(path: string): Promise<Run> {
  file = pathToFileURL(path).href
  output = ''
  prints = []
  errors = []
  Error.stackTraceLimit = 100
  try {
    await import(file)
    // A rejection that nobody handles is reported in the next turn.
    await new Promise((resolve) => setImmediate(resolve))
  } catch (error) {
    errors.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
  }
  const [error] = errors
  return { output, prints, ...(error === undefined ? {} : { error }) }
}

/** The line of the example in a stack trace. */
function lineOf(url: string, stack: string): number | undefined {
  const at = stack.lastIndexOf(`${url}:`)
  if (at < 0) return undefined
  return Number(/^\d+/.exec(stack.slice(at + url.length + 1))?.[0])
}
