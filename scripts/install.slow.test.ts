// What a user gets: every package is built, packed, and installed from its tarball into an empty project outside the
// repository, where nothing resolves to sources. Libraries of others come from the registry.

import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { publint } from 'publint'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { ROOT, runCommand } from './run-command.ts'
import { openRepository, type Package } from './tidy/repository.ts'

const JOB = `import { isMainThread } from 'node:worker_threads'
import { StreamExecutionEnvironment, Types } from 'millrace'

const Sale = Types.record({ shop: Types.string, amount: Types.double })
const env = StreamExecutionEnvironment.getExecutionEnvironment({
  threads: Number(process.argv[2]),
  module: import.meta.url,
  parallelism: 2,
})
const sales = env.fromData(
  [{ shop: 'Ulm', amount: 2.5 }, { shop: 'Bonn', amount: 4 }, { shop: 'Ulm', amount: 1.5 }],
  { type: Sale },
)
const totals = sales.keyBy(({ shop }) => shop).sum('amount')
const lines = totals.map(({ shop, amount }) => \`\${shop} \${amount} \${isMainThread}\`)
console.log((await lines.executeAndCollect()).toSorted())
`

const TEST = `import { Types } from 'millrace'
import { MiniEnvironment, testOperator } from 'millrace/testing'

const harness = await testOperator<string, string>((words) =>
  words.keyBy((word) => word, { type: Types.string }).reduce((left, right) => left + right),
)
harness.processElements(['ab', 'ab'])
const mini = new MiniEnvironment()
const words = mini.source<string>()
const collected = mini.collect(words.stream)
words.emit('from a virtual clock')
await mini.runToEnd()
console.log([...harness.values, ...collected.values])
`

const { packages } = openRepository(ROOT)
const { devDependencies } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
  readonly devDependencies: Readonly<Record<string, string>>
}

describe('the packages, built, packed and installed', () => {
  let folder = ''
  let project = ''

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-install-'))
    project = join(folder, 'project')
    // The bundles that jobs with threads leave behind go away with the folder.
    vi.stubEnv('TMPDIR', folder)
    await run(['npm', 'run', 'build'], ROOT)
    await run(['npm', 'pack', '--workspaces', '--pack-destination', folder], ROOT)
    await createProject(project)
    await run(['npm', 'install', '--prefer-offline', '--no-audit', '--no-fund'], project)
  })

  afterAll(async () => {
    vi.unstubAllEnvs()
    await rm(folder, { recursive: true, force: true })
  })

  test.each(packages)('when $name is packed, then publint finds nothing', async (each) => {
    const tarball = Uint8Array.from(await readFile(join(folder, tarballOf(each)))).buffer
    const { messages } = await publint({ pack: { tarball }, strict: true })
    expect(messages).toEqual([])
  })

  test.each(packages)('when $name is installed, then it brings what it should', async (each) => {
    const files = await readdir(join(project, 'node_modules', each.name), { recursive: true })
    const targets = Object.values(each.exports).flatMap((paths) => Object.values(paths) as string[])
    const due = ['LICENSE', 'README.md', ...targets.map((path) => path.slice('./'.length))]
    expect(files).toEqual(expect.arrayContaining(due))
    // A second copy of another package of ours, or what proves the sources.
    expect(files.filter((path) => /node_modules|\.(test|bench|fuzz)\./.test(path))).toEqual([])
  })

  test('when a job is compiled, then the declarations hold without skipLibCheck', async () => {
    await run(['tsc', '-p', project], project)
  })

  test('when the job runs in its thread, then it prints its results', async () => {
    const output = await run(['node', 'job.ts', '0'], project)
    expect(output).toBe("[ 'Bonn 4 true', 'Ulm 2.5 true', 'Ulm 4 true' ]\n")
  })

  test('when a test of a job runs, then it finds what it needs', async () => {
    const output = await run(['node', 'test.ts'], project)
    expect(output).toBe("[ 'ab', 'abab', 'from a virtual clock' ]\n")
  })

  test('when the job asks for threads, then workers give the same results', async () => {
    const output = await run(['node', 'job.ts', '2'], project)
    expect(output).toBe("[ 'Bonn 4 false', 'Ulm 2.5 false', 'Ulm 4 false' ]\n")
  })
})

async function createProject(project: string): Promise<void> {
  const tarballs = packages.map((each) => [each.name, `file:../${tarballOf(each)}`])
  const files = {
    'package.json': {
      private: true,
      type: 'module',
      dependencies: Object.fromEntries(tarballs) as unknown,
      devDependencies: { '@types/node': devDependencies['@types/node'] },
    },
    'tsconfig.json': {
      compilerOptions: {
        target: 'es2024',
        lib: ['es2024'],
        module: 'nodenext',
        types: ['node'],
        strict: true,
        noEmit: true,
        skipLibCheck: false,
      },
      files: ['job.ts', 'test.ts'],
    },
  }
  await mkdir(project)
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(project, name), JSON.stringify(content))
  }
  await writeFile(join(project, 'job.ts'), JOB)
  await writeFile(join(project, 'test.ts'), TEST)
}

/** The name that `npm pack` gives. */
function tarballOf({ name, version }: Package): string {
  return `${name.replace(/^@/, '').replace('/', '-')}-${version}.tgz`
}

/** Runs a command that must succeed, and gives what it printed. */
async function run(command: readonly string[], folder: string): Promise<string> {
  const { isOk, output } = await runCommand(command, folder)
  expect(isOk, `${command.join(' ')}\n${output}`).toBe(true)
  return output
}
