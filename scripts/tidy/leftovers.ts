// What is left behind when work stops halfway.

import { type Finding, type Repository, sourcesOf } from './repository.ts'
import type { Call } from './syntax.ts'

const TEST_ROOTS: ReadonlySet<string> = new Set(['bench', 'describe', 'it', 'suite', 'test'])

/** No unlinked promises to finish later, no narrowed test runs, no silent skips, no silenced linter. */
export function checkLeftovers(repository: Repository): readonly Finding[] {
  return sourcesOf(repository).flatMap((path) => {
    const { comments, calls } = repository.syntax(path)
    return [
      ...comments.flatMap(({ text, line }) => found(path, line, commentProblem(text))),
      ...calls.flatMap((call) => found(path, call.line, callProblem(call))),
    ]
  })
}

function found(path: string, line: number, message: string | undefined): readonly Finding[] {
  return message === undefined ? [] : [{ path, line, message }]
}

function commentProblem(comment: string): string | undefined {
  const marker = /\b(TODO|FIXME|XXX|HACK)\b/.exec(comment)?.[1]
  if (marker !== undefined && !/https?:\/\/|#\d+/.test(comment)) {
    return `${marker} without a link to an issue`
  }
  if (/\b(ox|es)lint-disable/.test(comment) && !/ -- \S/.test(comment)) {
    return 'a lint rule is switched off without a reason; write it after --'
  }
  if (/@ts-(ignore|nocheck)/.test(comment)) return 'the type checker is switched off'
  return undefined
}

function callProblem({ text, argumentCount }: Call): string | undefined {
  const [root = '', property = ''] = text.split('.')
  const isTest = TEST_ROOTS.has(root)
  if (isTest && property === 'only') return 'only one test would run'
  if (isTest && /^(skip|skipIf|runIf|todo)$/.test(property)) {
    return `a test is left out without a printed reason; call context.skip('why') inside it`
  }
  if (/^(context|ctx)$/.test(root) && property === 'skip' && argumentCount === 0) {
    return 'a test is skipped without a reason'
  }
  return undefined
}
