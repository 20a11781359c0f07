// Every program in the documents compiles, runs, and prints what the document says. Each block becomes a module of
// its own in out/doc-examples, where the workspace's packages resolve as they do for a user.
//
//   extract ──> write modules ──> compile all at once ──> run in two processes ──> compare
//
// A comment behind a console.log is the line it prints. A `text` block below a program, under a line such as
// "Output:", is all it prints. ```ts ignore reason=… leaves a block out and is reported as a skip.

import { type ChildProcess, fork } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compareRun, type Difference, type Run } from './doc-examples/compare.ts'
import { type Example, extractExamples } from './doc-examples/extract.ts'
import { type Results, showCounts, writeResults } from './results.ts'
import { ROOT, runCommand } from './run-command.ts'
import { isProof, openRepository } from './tidy/repository.ts'

interface Module extends Example {
  readonly file: string
}

const FOLDER = 'out/doc-examples'
const PROCESSES = 2
const RUN_MS_MAX = 30_000

await main()

async function main(): Promise<void> {
  const examples = findExamples()
  const modules = writeModules(examples.filter(({ ignoreReason }) => ignoreReason === undefined))
  const typeErrors = await compile(modules)
  const runs = await runAll(modules)

  let failed = 0
  for (const module of modules) {
    const run = runs.get(module) ?? { output: '', prints: [], error: 'did not run' }
    const differences = [...(typeErrors.get(module.file) ?? []), ...compareRun(module, run)]
    if (differences.length > 0) failed += 1
    for (const { line, message } of differences) console.log(`${module.path}:${line}: ${message}`)
  }
  const skips: Results['skips'][number][] = []
  for (const { path, line, ignoreReason } of examples) {
    if (ignoreReason === undefined) continue
    const name = `${path}:${line}`
    if (ignoreReason !== '') skips.push({ name, reason: ignoreReason })
    else {
      failed += 1
      console.log(`${name}: is ignored without a reason; write \`ts ignore reason=…\``)
    }
  }
  const results = { passed: examples.length - failed - skips.length, failed, skips }
  writeResults('examples', results)
  for (const { name, reason } of skips) console.log(`skipped ${name}: ${reason}`)
  console.log(showCounts(results))
  if (failed > 0) process.exitCode = 1
}

function findExamples(): readonly Example[] {
  const repository = openRepository(ROOT)
  return repository.paths
    .filter(
      (path) =>
        // The API reference shows the programs of the docstrings, which are found where they stand.
        (/^[A-Z]+\.md$|^(docs|examples|packages)\/.*\.md$/.test(path) &&
          !path.startsWith('docs/reference/api/')) ||
        (/^packages\/.*\/src\/.*\.tsx?$/.test(path) && !isProof(path)),
    )
    .flatMap((path) => extractExamples(path, repository.read(path)))
}

/** Writes each example as a module; its lines keep their numbers. */
function writeModules(examples: readonly Example[]): readonly Module[] {
  const folder = join(ROOT, FOLDER)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const settings = {
    composite: false,
    declaration: false,
    declarationMap: false,
    isolatedDeclarations: false,
    noEmit: true,
    allowImportingTsExtensions: true,
    rewriteRelativeImportExtensions: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
  }
  const config = {
    extends: '../../tsconfig.base.json',
    compilerOptions: settings,
    include: ['*.ts'],
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  return examples.map((example, index) => {
    const file = `${FOLDER}/${String(index).padStart(4, '0')}.ts`
    writeFileSync(join(ROOT, file), `${example.code}\nexport {}\n`)
    return { ...example, file }
  })
}

/** Type errors by the file of the module, at the lines of the document. */
async function compile(
  modules: readonly Module[],
): Promise<ReadonlyMap<string, readonly Difference[]>> {
  const errors = new Map<string, Difference[]>()
  if (modules.length === 0) return errors
  const { isOk, output } = await runCommand(['tsc', '-p', FOLDER, '--pretty', 'false'])
  if (isOk) return errors
  for (const [, file = '', line = '', message = ''] of output.matchAll(
    /^(.+?)\((\d+),\d+\): (.*)$/gm,
  )) {
    const module = modules.find((each) => each.file === file)
    if (module === undefined) throw new Error(`an error outside the examples: ${file}: ${message}`)
    const difference = { line: module.line + Number(line) - 1, message }
    errors.set(file, [...(errors.get(file) ?? []), difference])
  }
  if (errors.size === 0) throw new Error(`the examples were not compiled: ${output}`)
  return errors
}

async function runAll(modules: readonly Module[]): Promise<ReadonlyMap<Module, Run>> {
  const runs = new Map<Module, Run>()
  const waiting = modules.values()
  const work = async (): Promise<void> => {
    let child: ChildProcess | undefined
    for (const module of waiting) {
      child ??= startProcess()
      const run = await runIn(child, module)
      runs.set(module, run)
      if (run.error === undefined) continue
      // What failed may have left anything behind.
      child.kill()
      child = undefined
    }
    child?.kill()
  }
  await Promise.all(Array.from({ length: PROCESSES }, work))
  return runs
}

function startProcess(): ChildProcess {
  return fork(join(ROOT, 'scripts/doc-examples/run-modules.ts'), {
    cwd: ROOT,
    execArgv: ['--conditions=source'],
  })
}

/** Runs one module in a process that runs nothing else meanwhile; a process that hangs is ended. */
function runIn(child: ChildProcess, { file }: Module): Promise<Run> {
  return new Promise((resolve) => {
    const finish = (run: Run): void => {
      clearTimeout(timeout)
      child.removeAllListeners()
      resolve(run)
    }
    const timeout = setTimeout(() => {
      child.kill('SIGKILL')
      finish({ output: '', prints: [], error: `did not end within ${RUN_MS_MAX / 1000} s` })
    }, RUN_MS_MAX)
    child.on('message', (run) => finish(run as Run))
    child.on('exit', (code) => {
      finish({ output: '', prints: [], error: `ended its process with code ${code ?? 'none'}` })
    })
    child.send(join(ROOT, file))
  })
}
