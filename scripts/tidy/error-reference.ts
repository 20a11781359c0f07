// docs/reference/errors.md follows from the table of error codes and from where the sources use each code.

import { ERROR_CODES, type ErrorCode, type ErrorDomain } from '@millrace/core'
import { posix } from 'node:path'
import { type Finding, isProof, packageOf, type Repository, sourcesOf } from './repository.ts'

/** The page that lists every error code. */
export const ERROR_REFERENCE = 'docs/reference/errors.md'

const DOMAINS: Readonly<Record<ErrorDomain, string>> = {
  user: 'The job or its configuration is at fault; its author can mend it.',
  external: 'The world outside is at fault: a disk, a network, another process.',
  internal: 'Millrace is at fault. Please report it with the stack trace.',
}

/** The page is there and is what {@link printErrorReference} prints. */
export function checkErrorReference(repository: Repository): readonly Finding[] {
  const path = ERROR_REFERENCE
  const isCurrent =
    repository.has(path) && repository.read(path) === printErrorReference(repository)
  return isCurrent ? [] : [{ path, message: 'is not current; run `npm run docs:errors`' }]
}

/** Prints the page from the table of codes and the sources. */
export function printErrorReference(repository: Repository): string {
  const domains = Object.keys(DOMAINS) as readonly ErrorDomain[]
  return [
    '# Errors',
    '',
    'Every failure is a `MillraceError` with one of these codes. A retryable error may pass when the job',
    'is restarted without a change. Printed by `npm run docs:errors`; do not edit.',
    ...domains.flatMap((domain) => printDomain(repository, domain)),
    '',
  ].join('\n')
}

function printDomain(repository: Repository, domain: ErrorDomain): readonly string[] {
  const codes = (Object.keys(ERROR_CODES) as readonly ErrorCode[]).filter(
    (code) => ERROR_CODES[code].domain === domain,
  )
  return [
    '',
    `## ${domain}`,
    '',
    DOMAINS[domain],
    '',
    '| code | retryable | thrown by |',
    '| --- | --- | --- |',
    ...codes.map((code) => {
      const isRetryable = ERROR_CODES[code].isRetryable ? 'yes' : 'no'
      return `| \`${code}\` | ${isRetryable} | ${throwersOf(repository, code).join(', ')} |`
    }),
  ]
}

/** Links to the sources that name a code, except the table itself. */
function throwersOf(repository: Repository, code: ErrorCode): readonly string[] {
  return sourcesOf(repository)
    .filter((path) => path.startsWith('packages/') && !isProof(path))
    .filter((path) => isThrownIn(repository.read(path), code))
    .toSorted()
    .map((path) => {
      const folder = packageOf(repository, path)?.folder ?? ''
      const label = `${posix.basename(folder)}/${posix.basename(path)}`
      return `[${label}](../../${path})`
    })
}

function isThrownIn(text: string, code: ErrorCode): boolean {
  const statements = text.replaceAll(/^\s*(\/\*|\*|\/\/).*$/gm, '')
  return new RegExp(`\\(\\s*'${code}'|[?:]\\s*'${code}'`).test(statements)
}
