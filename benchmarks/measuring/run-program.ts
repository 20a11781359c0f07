import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const runFile = promisify(execFile)

/** Runs a TypeScript program in a Node process of its own; resolves with what it printed. */
export async function runProgram(program: URL, args: readonly string[] = []): Promise<string> {
  const { stdout } = await runFile(process.execPath, [
    '--conditions=source',
    fileURLToPath(program),
    ...args,
  ])
  return stdout
}
