import { spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'

/** The root folder of the repository. */
export const ROOT: string = join(import.meta.dirname, '..')

/** How a command ended, with everything it printed. */
export interface CommandResult {
  readonly isOk: boolean
  /** Standard output and standard error as they came, mixed, without colours. */
  readonly output: string
}

/** Runs one command, with the project's own tools and Node first on the path; in the root of the repository by default. */
export function runCommand(
  command: readonly string[],
  folder: string = ROOT,
): Promise<CommandResult> {
  const [program = '', ...args] = command
  const bin = join(ROOT, 'node_modules', '.bin')
  const env = {
    ...process.env,
    PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}`,
    NO_COLOR: '1',
  }
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const collect = (chunk: string): void => {
      output += chunk
    }
    child.stdout.setEncoding('utf8').on('data', collect)
    child.stderr.setEncoding('utf8').on('data', collect)
    child.on('error', (error) => {
      resolve({ isOk: false, output: `${program} did not start: ${error.message}\n` })
    })
    child.on('close', (code) => {
      resolve({ isOk: code === 0, output: stripVTControlCharacters(output) })
    })
  })
}
