import type { Log, LogFacts } from '../platform.ts'

/** Writes one line a message: time, level, message, facts as `name=value`. */
export const stderrLog: Log = {
  info: (message, facts) => writeLine('INFO ', message, facts),
  warn: (message, facts) => writeLine('WARN ', message, facts),
  error: (message, facts) => writeLine('ERROR', message, facts),
}

function writeLine(level: string, message: string, facts: LogFacts | undefined): void {
  process.stderr.write(`${logLine(new Date(), level, message, facts)}\n`)
}

/** The text of one message, on one line. */
export function logLine(time: Date, level: string, message: string, facts: LogFacts = {}): string {
  const parts = [time.toISOString(), level, oneLine(message)]
  for (const [name, value] of Object.entries(facts)) parts.push(`${name}=${factText(value)}`)
  return parts.join(' ')
}

function factText(value: unknown): string {
  if (value instanceof Error) return JSON.stringify(errorText(value))
  if (typeof value === 'string') return /[\s"=]|^$/.test(value) ? JSON.stringify(value) : value
  if (typeof value !== 'object' || value === null) return String(value)
  try {
    return JSON.stringify(value)
  } catch {
    return oneLine(String(value))
  }
}

function errorText(error: Error): string {
  const text = error.message === '' ? error.name : error.message
  return error.cause instanceof Error ? `${text} (cause: ${errorText(error.cause)})` : text
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*[\r\n]+\s*/g, ' ')
}
