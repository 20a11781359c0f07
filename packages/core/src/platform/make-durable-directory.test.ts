import { dirname } from 'node:path'
import { describe, expect, test } from 'vitest'
import { MillraceError } from '../errors/millrace-error.ts'
import { makeDurableDirectory } from './make-durable-directory.ts'
import type { FileSystem } from './platform.ts'

describe('makeDurableDirectory', () => {
  test('when folders are missing, then each is durable before there is another in it', async () => {
    const disk = new Folders()
    await makeDurableDirectory(disk.files, '/a/b/c')
    expect(disk.calls).toEqual([
      'make /a',
      'sync /',
      'make /a/b',
      'sync /a',
      'make /a/b/c',
      'sync /a/b',
    ])
  })

  test('when it exists, then its name is made durable: an earlier attempt may have failed', async () => {
    const disk = new Folders('/a', '/a/b')
    await makeDurableDirectory(disk.files, '/a/b')
    expect(disk.calls).toEqual(['sync /a'])
  })

  test.each([0, 1, 2])(
    'when sync %i fails and it is called again, then all names are durable',
    async (failing) => {
      const disk = new Folders()
      disk.failSync(failing, true)
      await expect(makeDurableDirectory(disk.files, '/a/b/c')).rejects.toThrow('FILE_UNWRITABLE')
      await makeDurableDirectory(disk.files, '/a/b/c')
      expect(disk.durable).toEqual(new Set(['/', '/a', '/a/b', '/a/b/c']))
    },
  )

  test('when the folder above may not be opened, then it is left as it is', async () => {
    const disk = new Folders('/a', '/a/b')
    disk.failSync(0, false)
    await makeDurableDirectory(disk.files, '/a/b')
    expect(disk.calls).toEqual(['sync /a'])
  })

  test('when the path is relative, then the current folder is where it ends', async () => {
    const disk = new Folders('.')
    await makeDurableDirectory(disk.files, 'out/parts')
    expect(disk.calls).toEqual(['make out', 'sync .', 'make out/parts', 'sync out'])
  })
})

/** Folders in memory that remember which names were synced. */
class Folders {
  readonly calls: string[] = []
  readonly durable = new Set(['/'])
  readonly files: FileSystem
  readonly #existing: Set<string>
  #failing: { readonly call: number; readonly isRetryable: boolean } | undefined
  #syncs = 0

  constructor(...existing: readonly string[]) {
    this.#existing = new Set(['/', ...existing])
    const files: Pick<FileSystem, 'stat' | 'makeDirectory' | 'syncDirectory'> = {
      stat: async (path) =>
        this.#existing.has(path) ? { isDirectory: true, sizeBytes: 0, modifiedMs: 0 } : undefined,
      makeDirectory: async (path) => {
        this.calls.push(`make ${path}`)
        this.#existing.add(path)
      },
      syncDirectory: async (path) => this.#sync(path),
    }
    this.files = files as FileSystem
  }

  failSync(call: number, isRetryable: boolean): void {
    this.#failing = { call, isRetryable }
  }

  #sync(path: string): void {
    this.calls.push(`sync ${path}`)
    const call = this.#syncs++
    if (call === this.#failing?.call) {
      const { isRetryable } = this.#failing
      const facts = { expected: 'a sync', came: 'a failure', todo: 'Nothing.', isRetryable }
      throw new MillraceError('FILE_UNWRITABLE', facts)
    }
    for (const name of this.#existing) if (dirname(name) === path) this.durable.add(name)
  }
}
