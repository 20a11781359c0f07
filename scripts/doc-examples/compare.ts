// Compares what an example printed with what its document says it prints.

import { parseSync } from 'vite'
import type { Example } from './extract.ts'

/** What an example did when it ran. */
export interface Run {
  /** All it printed. */
  readonly output: string
  /** What each `console.log` printed, with its line in the example, from 1. */
  readonly prints: readonly Print[]
  /** Why it did not run to its end. */
  readonly error?: string
}

export interface Print {
  readonly line: number
  readonly text: string
}

/** One line that is wrong, counted in the file of the example. */
export interface Difference {
  readonly line: number
  readonly message: string
}

/** The differences between what the document says and what happened. */
export function compareRun(example: Example, run: Run): readonly Difference[] {
  if (run.error !== undefined) return [{ line: example.line, message: run.error }]
  return [...compareComments(example, run), ...compareOutput(example, run)]
}

function compareComments({ code, line }: Example, { prints }: Run): readonly Difference[] {
  return expectationsOf(code).flatMap((expected) => {
    const texts = prints.filter((print) => print.line === expected.line).map(({ text }) => text)
    if (texts.join('\n') === expected.text) return []
    const came = texts.length === 0 ? 'nothing' : JSON.stringify(texts.join('\n'))
    const message = `should print ${JSON.stringify(expected.text)}, but printed ${came}`
    return [{ line: line + expected.line - 1, message }]
  })
}

/** The comments behind the `console.log` calls of an example, at the line where the call begins. */
function expectationsOf(code: string): readonly Print[] {
  const { program, comments } = parseSync('example.ts', code)
  const calls: { readonly start: number; readonly end: number }[] = []
  collectPrintCalls(program, calls)
  return calls.flatMap(({ start, end }) => {
    const comment = comments.find(
      (each) => each.start >= end && /^[ ;]*$/.test(code.slice(end, each.start)),
    )
    if (comment?.type !== 'Line') return []
    return [{ line: code.slice(0, start).split('\n').length, text: comment.value.trim() }]
  })
}

function collectPrintCalls(
  node: unknown,
  calls: { readonly start: number; readonly end: number }[],
): void {
  if (typeof node !== 'object' || node === null) return
  if (isPrintCall(node)) calls.push(node)
  for (const child of Object.values(node).flat()) collectPrintCalls(child, calls)
}

function isPrintCall(node: object): node is { readonly start: number; readonly end: number } {
  const { type, callee } = node as { readonly type?: unknown; readonly callee?: unknown }
  if (type !== 'CallExpression') return false
  const { object, property } = callee as {
    readonly object?: { readonly name?: string }
    readonly property?: { readonly name?: string }
  }
  return object?.name === 'console' && property?.name === 'log'
}

function compareOutput({ output: shown, line }: Example, { output }: Run): readonly Difference[] {
  if (shown === undefined) return []
  const expected = shown.trimEnd().split('\n')
  const came = output.trimEnd().split('\n')
  if (matches(expected, came)) return []
  const message = `should print\n${indent(shown)}\nbut printed\n${indent(output)}`
  return [{ line, message }]
}

/** Whether the lines are equal, where an expected `...` stands for any number of lines. */
function matches(expected: readonly string[], came: readonly string[]): boolean {
  const [first, ...rest] = expected
  if (first === undefined) return came.length === 0
  if (first.trim() === '...') {
    return came.some((_, index) => matches(rest, came.slice(index))) || rest.length === 0
  }
  return came[0]?.trimEnd() === first.trimEnd() && matches(rest, came.slice(1))
}

function indent(text: string): string {
  return text.trimEnd().replaceAll(/^/gm, '    ')
}
