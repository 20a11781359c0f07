import type { FileSystem } from '@millrace/core'
import { describe, expect, test } from 'vitest'
import type { DiskFaults } from '../faults/fault-plan.ts'
import type { SimulatedProcess } from '../simulated-process.ts'
import { Simulation } from '../simulation.ts'
import type { SimulatedDisk } from './simulated-disk.ts'

const SEED_COUNT = 60

describe('files on a simulated disk', () => {
  test('when bytes are written, then they can be read, whole and in parts', async () => {
    await onDisk(async ({ files }) => {
      const file = await files.create('/file')
      const writes = ['hello, ', 'world'].map((text) => file.write(encode(text)))
      await Promise.all(writes)
      await file.close()
      expect(decode(await files.read('/file'))).toBe('hello, world')
      const opened = await files.open('file')
      expect(opened.sizeBytes).toBe(12)
      expect(decode(await opened.read(7, 3))).toBe('wor')
      expect(decode(await opened.read(7, 100))).toBe('world')
      expect(await opened.read(12, 100)).toEqual(new Uint8Array(0))
      await opened.close()
      await expect(opened.read(0, 1)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' })
      await expect(file.write(encode('!'))).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' })
    })
  })

  test('when writes overlap, then they take effect in order, before a sync that follows', async () => {
    const { simulation, process, disk } = world({ seed: 3 })
    const file = await simulation.resultOf(process.files.create('/file'))
    const letters = [...'abcdefghijklmnopqrstuvwxyz']
    for (const letter of letters) void file.write(encode(letter))
    await simulation.resultOf(file.sync())
    await simulation.resultOf(process.files.syncDirectory('/'))
    process.crash()
    expect(contentOf(disk, '/file')).toBe(letters.join(''))
  })

  test('when a writer reuses its buffer too early, then the file gets the wrong bytes', async () => {
    await onDisk(async ({ files }) => {
      const file = await files.create('/file')
      const bytes = encode('right')
      const written = file.write(bytes)
      bytes.set(encode('wrong'))
      await written
      expect(decode(await files.read('/file'))).toBe('wrong')
    })
  })

  test('when a file is appended to, then what follows the cut is gone', async () => {
    await onDisk(async ({ files }) => {
      await writeFile(files, '/file', '0123456789')
      const file = await files.append('/file', 4)
      await file.write(encode('abc'))
      await file.close()
      expect(decode(await files.read('/file'))).toBe('0123abc')
      await expect(files.append('/file', 8)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' })
      await expect(files.append('/none', 0)).rejects.toMatchObject({ code: 'FILE_MISSING' })
    })
  })

  test('when a cut is not synced, then a crash may bring back what was cut off, and nothing else', async () => {
    const found = new Set<string>()
    for (let seed = 1; seed <= SEED_COUNT; seed++) {
      const { simulation, process, disk } = world({ seed })
      disk.place('/file', '0123456789')
      const file = await simulation.resultOf(process.files.append('/file', 4))
      await simulation.resultOf(file.write(encode('ab')))
      process.crash()
      found.add(contentOf(disk, '/file') ?? 'nothing')
    }
    expect([...found].sort()).toEqual(['0123', '0123456789', '0123a', '0123ab'])
  })

  test('when crashes lose nothing, then what was not synced is still there', async () => {
    for (let seed = 1; seed <= SEED_COUNT; seed++) {
      const simulation = new Simulation({ seed, faults: { disk: { losesUnsynced: false } } })
      const process = simulation.process('machine')
      const file = await simulation.resultOf(process.files.create('/file'))
      await simulation.resultOf(file.write(encode('kept')))
      process.crash()
      expect(contentOf(simulation.disk('machine'), '/file')).toBe('kept')
    }
  })

  test('when names change, then list and stat show it', async () => {
    await onDisk(async ({ files }) => {
      await files.makeDirectory('/a/b')
      await files.makeDirectory('/a/b')
      await writeFile(files, '/a/z', 'z')
      await writeFile(files, '/a/y', 'yy')
      await files.rename('/a/y', '/a/z')
      expect(await files.list('/a')).toEqual([
        { name: 'b', isDirectory: true },
        { name: 'z', isDirectory: false },
      ])
      expect(await files.stat('/a/z')).toMatchObject({ isDirectory: false, sizeBytes: 2 })
      expect(await files.stat('/a')).toMatchObject({ isDirectory: true })
      expect(await files.stat('/a/y')).toBeUndefined()
      expect(await files.list('/nowhere')).toEqual([])
      await files.remove('/a/z')
      await files.remove('/a/z')
      await files.rename('/a', '/moved')
      expect(await files.list('/')).toEqual([{ name: 'moved', isDirectory: true }])
      await files.removeDirectory('/moved')
      await files.removeDirectory('/moved')
      expect(await files.list('/')).toEqual([])
    })
  })

  test('when a file gets another name, then who watches is told in that moment, and not if it fails', async () => {
    const { simulation, process, disk } = world({ seed: 3 })
    const seen: string[] = []
    disk.onRename((to) => seen.push(`${to} ${contentOf(disk, to)}`))
    await simulation.resultOf(writeFile(process.files, '/a', 'x'))
    await simulation.resultOf(process.files.rename('/a', 'b'))
    await expect(simulation.resultOf(process.files.rename('/a', '/c'))).rejects.toThrow(
      'FILE_MISSING',
    )
    expect(seen).toEqual(['/b x'])
  })

  test('when a file is removed while it is open, then it can be read to its end', async () => {
    await onDisk(async ({ files }) => {
      await writeFile(files, '/file', 'content')
      const opened = await files.open('/file')
      await files.remove('/file')
      expect(decode(await opened.read(0, 100))).toBe('content')
    })
  })

  test.each<[string, string, (files: FileSystem) => Promise<unknown>]>([
    ['reads nothing', 'FILE_MISSING', (files) => files.read('/nothing')],
    ['opens nothing', 'FILE_MISSING', (files) => files.open('/nothing')],
    ['reads a folder', 'FILE_UNREADABLE', (files) => files.read('/folder')],
    ['lists a file', 'FILE_UNREADABLE', (files) => files.list('/file')],
    ['reads below a file', 'FILE_UNREADABLE', (files) => files.read('/file/inner')],
    ['lists below a file', 'FILE_UNREADABLE', (files) => files.list('/file/inner')],
    ['creates in no folder', 'FILE_UNWRITABLE', (files) => files.create('/nothing/file')],
    ['creates over a folder', 'FILE_UNWRITABLE', (files) => files.create('/folder')],
    ['creates below a file', 'FILE_UNWRITABLE', (files) => files.create('/file/file')],
    ['makes a folder below a file', 'FILE_UNWRITABLE', (files) => files.makeDirectory('/file/a')],
    ['renames nothing', 'FILE_MISSING', (files) => files.rename('/nothing', '/new')],
    ['renames into no folder', 'FILE_MISSING', (files) => files.rename('/file', '/nothing/new')],
    ['renames onto a folder', 'FILE_UNWRITABLE', (files) => files.rename('/file', '/folder')],
    ['renames into itself', 'FILE_UNWRITABLE', (files) => files.rename('/folder', '/folder/in')],
    ['removes a folder as a file', 'FILE_UNWRITABLE', (files) => files.remove('/folder')],
    ['syncs no folder', 'FILE_UNWRITABLE', (files) => files.syncDirectory('/nothing')],
  ])('when one %s, then it fails with %s and changes nothing', async (_what, code, attempt) => {
    const { disk } = await onDisk(async ({ files }) => {
      await files.makeDirectory('/folder')
      await writeFile(files, '/folder/inner', 'inner')
      await writeFile(files, '/file', 'file')
      await expect(attempt(files)).rejects.toMatchObject({
        code,
        isRetryable: false,
        ids: { path: expect.any(String) },
      })
    })
    expect(disk.paths()).toEqual(['/file', '/folder/inner'])
  })
})

describe('what survives a crash', () => {
  test('when bytes and names were synced, then all is there, whatever came later', async () => {
    for (let seed = 0; seed < SEED_COUNT; seed++) {
      const { disk } = await crashAfter(seed, async ({ files }) => {
        await writeDurable(files, '/file', 'durable')
        const file = await files.create('/other')
        await file.write(encode('not durable'))
      })
      expect(contentOf(disk, '/file')).toBe('durable')
    }
  })

  test('when bytes were appended after a sync, then the synced part is there and the rest is kept, lost or torn', async () => {
    const outcomes = await outcomesOf(async ({ files }) => {
      const file = await files.create('/file')
      await file.write(encode('safe '))
      await file.sync()
      await files.syncDirectory('/')
      await file.write(encode('at stake'))
    })
    for (const content of outcomes) expect(content).toMatch(/^safe /)
    for (const content of outcomes) expect('safe at stake').toContain(content)
    expect(outcomes).toContain('safe ')
    expect(outcomes).toContain('safe at stake')
    expect(outcomes.size).toBeGreaterThan(4)
  })

  test('when the name was not synced, then the file may be gone though its bytes were', async () => {
    const outcomes = await outcomesOf(async ({ files }) => {
      const file = await files.create('/file')
      await file.write(encode('content'))
      await file.sync()
    })
    expect(outcomes).toEqual(new Set([undefined, 'content']))
  })

  test('when the folder of a folder was not synced, then all in it may be gone', async () => {
    const outcomes = await outcomesOf(async ({ files }) => {
      await files.makeDirectory('/folder')
      await writeDurable(files, '/folder/file', 'content')
    }, '/folder/file')
    expect(outcomes).toEqual(new Set([undefined, 'content']))
  })

  test('when a file was emptied and written again, then the old content may come back', async () => {
    const outcomes = await outcomesOf(async ({ files }) => {
      await writeDurable(files, '/file', 'old')
      await writeFile(files, '/file', 'NEW')
    })
    expect(outcomes).toEqual(new Set(['old', '', 'N', 'NE', 'NEW']))
  })

  test('when a synced file replaced another and the folder was not synced, then it is one of the two, whole', async () => {
    const outcomes = new Set<string>()
    for (let seed = 0; seed < SEED_COUNT; seed++) {
      const { disk } = await crashAfter(seed, async ({ files }) => {
        await writeDurable(files, '/file', 'old')
        await writeDurable(files, '/file.tmp', 'new')
        await files.rename('/file.tmp', '/file')
      })
      outcomes.add(`${disk.paths().join()} ${contentOf(disk, '/file')}`)
    }
    expect(outcomes).toEqual(new Set(['/file,/file.tmp old', '/file new']))
  })

  test('when a rename was not preceded by a sync of the file, then the new name may have torn content', async () => {
    const outcomes = await outcomesOf(async ({ files }) => {
      await writeDurable(files, '/file', 'old')
      await writeFile(files, '/file.tmp', 'new')
      await files.rename('/file.tmp', '/file')
      await files.syncDirectory('/')
    })
    expect(outcomes).toEqual(new Set(['', 'n', 'ne', 'new']))
  })

  test('when a file moved between folders, then syncing the new folder makes all of the move durable', async () => {
    for (let seed = 0; seed < SEED_COUNT; seed++) {
      const { disk } = await crashAfter(seed, async ({ files }) => {
        await files.makeDirectory('/a')
        await files.makeDirectory('/b')
        await files.syncDirectory('/')
        await writeSynced(files, '/a/file', 'content')
        await files.rename('/a/file', '/b/file')
        await files.syncDirectory('/b')
      })
      expect(disk.paths()).toEqual(['/b/file'])
    }
  })

  test('when one name was changed many times, then no later change survives without the earlier ones', async () => {
    const outcomes = new Set<string>()
    for (let seed = 0; seed < SEED_COUNT; seed++) {
      const { disk } = await crashAfter(seed, async ({ files }) => {
        for (const content of ['1', '2', '3']) {
          await writeSynced(files, '/file.tmp', content)
          await files.rename('/file.tmp', '/file')
        }
      })
      outcomes.add(
        disk
          .paths()
          .map((path) => `${path}=${contentOf(disk, path)}`)
          .join(),
      )
    }
    for (const outcome of ['', '/file=3']) expect(outcomes).toContain(outcome)
    const possible = ['1', '2', '3'].flatMap((now, index) => {
      const before = index === 0 ? '' : `/file=${index},`
      return [`/file=${now}`, `${before}/file.tmp=${now}`]
    })
    for (const outcome of outcomes) expect(['', ...possible]).toContain(outcome)
  })

  test('when names were unrelated, then each survives by itself, in no order', async () => {
    const outcomes = new Set<string>()
    for (let seed = 0; seed < SEED_COUNT; seed++) {
      const { disk } = await crashAfter(seed, async ({ files }) => {
        await writeSynced(files, '/first', '1')
        await writeSynced(files, '/second', '2')
      })
      outcomes.add(disk.paths().join())
    }
    expect(outcomes).toEqual(new Set(['', '/first', '/second', '/first,/second']))
  })

  test('when a folder was removed and not synced, then any part of it may be left', async () => {
    const outcomes = new Set<string>()
    for (let seed = 0; seed < SEED_COUNT; seed++) {
      const { disk } = await crashAfter(seed, async ({ files }) => {
        await removeFilledFolder(files)
      })
      outcomes.add(disk.paths().join())
    }
    expect(outcomes.size).toBeGreaterThan(3)
    for (const outcome of ['', '/folder/a,/folder/b']) expect(outcomes).toContain(outcome)
  })

  test('when the removal of a folder was synced, then nothing of it comes back', async () => {
    for (let seed = 0; seed < SEED_COUNT; seed++) {
      const { disk } = await crashAfter(seed, async ({ files }, disk) => {
        await removeFilledFolder(files)
        expect(disk.namesAtStake).toBe(3)
        await files.syncDirectory('/')
        expect(disk.namesAtStake).toBe(0)
        await files.makeDirectory('/folder')
      })
      expect(disk.paths()).toEqual([])
    }
  })

  test('when two processes share a disk, then a crash takes only what the crashed one did', async () => {
    for (let seed = 0; seed < SEED_COUNT; seed++) {
      const simulation = new Simulation({ seed })
      const disk = simulation.disk('shared')
      const left = simulation.process('left', { disk })
      const right = simulation.process('right', { disk })
      await simulation.resultOf(left.files.makeDirectory('/folder'))
      await simulation.resultOf(writeFile(right.files, '/folder/right', 'right'))
      await simulation.resultOf(writeFile(left.files, '/folder/left', 'left'))
      left.crash()
      expect(contentOf(disk, '/folder/right')).toBe('right')
      expect(['left', 'lef', 'le', 'l', '', undefined]).toContain(contentOf(disk, '/folder/left'))
      await simulation.resultOf(writeFile(right.files, '/folder/more', 'more'))
      expect(contentOf(disk, '/folder/more')).toBe('more')
    }
  })

  test('when it crashes twice, then what the first crash left stays', async () => {
    for (let seed = 0; seed < SEED_COUNT; seed++) {
      const { simulation, disk } = await crashAfter(seed, async ({ files }) => {
        await writeFile(files, '/file', 'content')
        await writeFile(files, '/other', 'content')
      })
      const left = disk.paths().map((path) => [path, contentOf(disk, path)])
      const again = simulation.process('worker')
      await simulation.resultOf(again.files.list('/'))
      again.crash()
      expect(disk.paths().map((path) => [path, contentOf(disk, path)])).toEqual(left)
    }
  })

  test('when many operations and crashes follow by chance, then what was reported durable is always there', async () => {
    for (let seed = 0; seed < 20; seed++) await checkAgainstModel(seed)
  })
})

describe('faults of a simulated disk', () => {
  test('when writes fail by chance, then a part of the bytes may be in the file, and a retry works', async () => {
    const { disk } = await onDisk(
      async ({ files }) => {
        const lengths = new Set<number>()
        let failureCount = 0
        for (let index = 0; index < 100; index++) {
          const path = `/file-${index}`
          const file = await retried(() => files.create(path))
          try {
            await file.write(encode('0123456789'))
          } catch (error) {
            expect(error).toMatchObject({ code: 'FILE_UNWRITABLE', isRetryable: true })
            failureCount++
            lengths.add((await files.read(path)).length)
            await expect(file.sync()).rejects.toBe(error)
            await file.close()
          }
        }
        expect(failureCount).toBeGreaterThan(15)
        expect(failureCount).toBeLessThan(50)
        expect(lengths.size).toBeGreaterThan(3)
      },
      { writeErrorChance: 0.3 },
    )
    expect(disk.paths()).toHaveLength(100)
  })

  test('when the disk has a capacity, then it is full there, until something is removed', async () => {
    await onDisk(
      async ({ files }) => {
        await writeFile(files, '/first', 'x'.repeat(80))
        await expect(writeFile(files, '/second', 'x'.repeat(80))).rejects.toThrow(
          /FILE_UNWRITABLE.*no space left/,
        )
        const sizes = await Promise.all(['/first', '/second'].map((path) => files.stat(path)))
        const usedBytes = sizes.reduce((sum, status) => sum + (status?.sizeBytes ?? 0), 0)
        expect(usedBytes).toBeLessThanOrEqual(100)
        await files.remove('/first')
        await files.remove('/second')
        await writeFile(files, '/second', 'x'.repeat(80))
      },
      { capacityBytes: 100 },
    )
  })

  test('when the disk is full for a time, then creating fails then and works again later', async () => {
    const outcomes: boolean[] = []
    await onDisk(
      async ({ files }) => {
        for (let index = 0; index < 1000; index++) {
          outcomes.push(
            await files.create('/file').then(
              () => true,
              () => false,
            ),
          )
        }
      },
      { full: { everyMs: { min: 20, max: 40 }, forMs: { min: 10, max: 20 } } },
    )
    const changeCount = outcomes.filter((isDone, index) => isDone !== outcomes[index - 1]).length
    expect(outcomes).toContain(false)
    expect(changeCount).toBeGreaterThan(4)
    expect(changeCount).toBeLessThan(40)
  })

  test('when the disk is slow for a time, then operations take many times as long', async () => {
    const latencyMs = { min: 1, max: 2 }
    const durationsMs: number[] = []
    await onDisk(
      async ({ files }, simulation) => {
        for (let index = 0; index < 300; index++) {
          const startMs = simulation.nowMs
          await files.list('/')
          durationsMs.push(simulation.nowMs - startMs)
        }
      },
      {
        latencyMs,
        slow: { everyMs: { min: 50, max: 90 }, forMs: { min: 30, max: 50 }, factor: 10 },
      },
    )
    const slowCount = durationsMs.filter((durationMs) => durationMs >= 10).length
    expect(Math.min(...durationsMs)).toBeGreaterThanOrEqual(1)
    expect(Math.max(...durationsMs)).toBeLessThan(20.1)
    expect(slowCount).toBeGreaterThan(10)
    expect(slowCount).toBeLessThan(150)
    expect(durationsMs.filter((ms) => ms < 2.1).length).toBe(300 - slowCount)
  })
})

interface World {
  readonly simulation: Simulation
  readonly process: SimulatedProcess
  readonly disk: SimulatedDisk
}

function world({ seed, faults = {} }: { seed: number; faults?: DiskFaults }): World {
  const simulation = new Simulation({ seed, faults: { disk: faults } })
  return { simulation, process: simulation.process('worker'), disk: simulation.disk('worker') }
}

async function onDisk(
  work: (process: SimulatedProcess, simulation: Simulation) => Promise<void>,
  faults: DiskFaults = {},
): Promise<World> {
  const all = world({ seed: 1, faults })
  await all.simulation.resultOf(work(all.process, all.simulation))
  return all
}

async function crashAfter(
  seed: number,
  work: (process: SimulatedProcess, disk: SimulatedDisk) => Promise<void>,
): Promise<World> {
  const all = world({ seed })
  await all.simulation.resultOf(work(all.process, all.disk))
  all.process.crash()
  return all
}

/** What a file may hold after a crash, over many seeds; `undefined` if it may be gone. */
async function outcomesOf(
  work: (process: SimulatedProcess) => Promise<void>,
  path: string = '/file',
): Promise<ReadonlySet<string | undefined>> {
  const outcomes = new Set<string | undefined>()
  for (let seed = 0; seed < SEED_COUNT; seed++) {
    outcomes.add(contentOf((await crashAfter(seed, work)).disk, path))
  }
  return outcomes
}

/** Random durable and careless writes to a few names, with a crash after each round. */
async function checkAgainstModel(seed: number): Promise<void> {
  const simulation = new Simulation({ seed })
  const disk = simulation.disk('worker')
  const { random } = simulation
  const durable = new Map<string, string>()
  for (let round = 0; round < 10; round++) {
    const process = simulation.process('worker')
    const careless = new Set<string>()
    for (let step = 0; step < 10; step++) {
      const path = `/file-${random.integer({ min: 0, max: 3 })}`
      const content = random.id()
      if (random.chance(0.5)) {
        await simulation.resultOf(replaceDurably(process.files, path, content))
        durable.set(path, content)
        careless.delete(path)
      } else {
        await simulation.resultOf(writeFile(process.files, path, content))
        careless.add(path)
      }
    }
    process.crash()
    for (const path of careless) durable.delete(path)
    for (const [path, content] of durable) expect(contentOf(disk, path)).toBe(content)
  }
}

async function writeFile(files: FileSystem, path: string, content: string): Promise<void> {
  const file = await files.create(path)
  await file.write(encode(content))
  await file.close()
}

async function writeSynced(files: FileSystem, path: string, content: string): Promise<void> {
  const file = await files.create(path)
  await file.write(encode(content))
  await file.sync()
  await file.close()
}

async function writeDurable(files: FileSystem, path: string, content: string): Promise<void> {
  await writeSynced(files, path, content)
  await files.syncDirectory(path.slice(0, path.lastIndexOf('/')) || '/')
}

async function replaceDurably(files: FileSystem, path: string, content: string): Promise<void> {
  await writeSynced(files, `${path}.tmp`, content)
  await files.rename(`${path}.tmp`, path)
  await files.syncDirectory('/')
}

async function removeFilledFolder(files: FileSystem): Promise<void> {
  await files.makeDirectory('/folder')
  await files.syncDirectory('/')
  await writeDurable(files, '/folder/a', 'a')
  await writeDurable(files, '/folder/b', 'b')
  await files.removeDirectory('/folder')
}

async function retried<Result>(attempt: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      expect(error).toMatchObject({ isRetryable: true })
    }
  }
}

function contentOf(disk: SimulatedDisk, path: string): string | undefined {
  const bytes = disk.contentOf(path)
  return bytes && decode(bytes)
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}
