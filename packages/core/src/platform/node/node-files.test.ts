import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MillraceError } from '../../errors/millrace-error.ts'
import { NodeFiles } from './node-files.ts'
import { withoutFirst } from './node-writable-file.ts'

const files = new NodeFiles()
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-files-'))
})

afterEach(async () => {
  await rm(folder, { recursive: true })
})

describe('reading', () => {
  test('when a file is there, then all or any part of it can be read', async () => {
    const path = join(folder, 'a')
    await writeFile(path, '0123456789')
    expect(Buffer.from(await files.read(path)).toString()).toBe('0123456789')
    const file = await files.open(path)
    expect(file.sizeBytes).toBe(10)
    expect(Buffer.from(await file.read(7, 2)).toString()).toBe('78')
    expect(Buffer.from(await file.read(7, 100)).toString()).toBe('789')
    expect((await file.read(10, 100)).byteLength).toBe(0)
    await file.close()
  })

  test('when a file is missing, then the error names the whole path', async () => {
    const path = relative(process.cwd(), join(folder, 'none'))
    for (const reading of [() => files.read(path), () => files.open(path)]) {
      const error = await failure(reading())
      expect(error.code).toBe('FILE_MISSING')
      expect(error.message).toContain(join(folder, 'none'))
      expect(error.isRetryable).toBe(false)
    }
  })

  test('when the path is a folder, then it is unreadable as a file', async () => {
    for (const reading of [() => files.read(folder), () => files.open(folder)]) {
      expect(await failure(reading())).toMatchObject({
        code: 'FILE_UNREADABLE',
        message: expect.stringContaining('a folder'),
      })
    }
  })
})

describe('writing', () => {
  test('when writes overlap, then they take effect in order', async () => {
    const path = join(folder, 'out')
    const file = await files.create(path)
    const pieces = Array.from({ length: 3000 }, (_, index) => `${index},`)
    const writes = pieces.map((piece) => file.write(Buffer.from(piece)))
    await Promise.all([...writes, file.sync(), file.close()])
    expect(await readFile(path, 'utf8')).toBe(pieces.join(''))
  })

  test('when sync resolves, then what was written before is in the file', async () => {
    const path = join(folder, 'out')
    const file = await files.create(path)
    const writing = file.write(Buffer.from('abc'))
    await file.sync()
    expect(await readFile(path, 'utf8')).toBe('abc')
    await writing
    await file.close()
    await file.close()
  })

  test('when a file exists, then create empties it', async () => {
    const path = join(folder, 'out')
    await writeFile(path, 'old')
    await (await files.create(path)).close()
    expect(await readFile(path, 'utf8')).toBe('')
  })

  test('when a file is appended to, then what follows the cut is gone and new bytes stand there', async () => {
    const path = join(folder, 'out')
    await writeFile(path, '0123456789')
    const file = await files.append(path, 4)
    await Promise.all([file.write(Buffer.from('ab')), file.write(Buffer.from('c')), file.sync()])
    await file.close()
    expect(await readFile(path, 'utf8')).toBe('0123abc')
  })

  test('when a file to append to is missing or too short, then it is left alone and that is said', async () => {
    const path = join(folder, 'out')
    expect(await failure(files.append(path, 0))).toMatchObject({ code: 'FILE_MISSING' })
    await writeFile(path, '012')
    expect(await failure(files.append(path, 4))).toMatchObject({
      code: 'FILE_UNREADABLE',
      isRetryable: false,
      message: expect.stringContaining('a file of 3 bytes'),
    })
    expect(await readFile(path, 'utf8')).toBe('012')
  })

  test('when a write fails, then later writes and syncs fail too and close still works', async () => {
    const file = await files.create('/dev/full')
    const first = failure(file.write(Buffer.from('a')))
    const second = failure(file.write(Buffer.from('b')))
    const sync = failure(file.sync())
    expect(await first).toMatchObject({ code: 'FILE_UNWRITABLE', isRetryable: true })
    expect((await first).message).toContain('a full disk')
    expect(await second).toBe(await first)
    expect(await sync).toBe(await first)
    await file.close()
  })

  test('when a folder is missing or a file stands in its place, then the file is unwritable', async () => {
    expect(await failure(files.create(join(folder, 'no', 'out')))).toMatchObject({
      code: 'FILE_UNWRITABLE',
      isRetryable: false,
    })
    await writeFile(join(folder, 'file'), '')
    for (const writing of [
      () => files.create(join(folder, 'file', 'out')),
      () => files.makeDirectory(join(folder, 'file')),
      () => files.makeDirectory(join(folder, 'file', 'sub')),
      () => files.syncDirectory(join(folder, 'missing')),
    ]) {
      expect((await failure(writing())).code).toBe('FILE_UNWRITABLE')
    }
  })

  test('when a part of the buffers is written, then the rest follows from there', () => {
    const buffers = [Buffer.from('abc'), Buffer.from(''), Buffer.from('de')]
    const rests = [0, 1, 3, 4, 5].map((count) => Buffer.concat(withoutFirst(buffers, count)))
    expect(rests.map(String)).toEqual(['abcde', 'bcde', 'de', 'e', ''])
  })
})

describe('names', () => {
  test('when a file is renamed, then it replaces one of the new name', async () => {
    await writeFile(join(folder, 'a'), 'new')
    await writeFile(join(folder, 'b'), 'old')
    await files.rename(join(folder, 'a'), join(folder, 'b'))
    await files.syncDirectory(folder)
    expect(await readFile(join(folder, 'b'), 'utf8')).toBe('new')
    expect(await failure(files.rename(join(folder, 'a'), join(folder, 'b')))).toMatchObject({
      code: 'FILE_MISSING',
      ids: { path: join(folder, 'a') },
    })
  })

  test('when something is removed twice, then that is fine', async () => {
    await files.makeDirectory(join(folder, 'x', 'y'))
    await files.makeDirectory(join(folder, 'x', 'y'))
    await writeFile(join(folder, 'x', 'y', 'f'), '')
    await files.remove(join(folder, 'x', 'y', 'f'))
    await files.remove(join(folder, 'x', 'y', 'f'))
    await files.removeDirectory(join(folder, 'x'))
    await files.removeDirectory(join(folder, 'x'))
    expect(await files.list(folder)).toEqual([])
    expect((await failure(files.remove(folder))).code).toBe('FILE_UNWRITABLE')
  })

  test('when a folder is listed, then names are sorted and links followed', async () => {
    await files.makeDirectory(join(folder, 'sub'))
    for (const name of ['b', 'B', '10', '9']) await writeFile(join(folder, name), '')
    await symlink(join(folder, 'sub'), join(folder, 'link'))
    await symlink(join(folder, 'gone'), join(folder, 'broken'))
    expect(await files.list(folder)).toEqual([
      { name: '10', isDirectory: false },
      { name: '9', isDirectory: false },
      { name: 'B', isDirectory: false },
      { name: 'b', isDirectory: false },
      { name: 'broken', isDirectory: false },
      { name: 'link', isDirectory: true },
      { name: 'sub', isDirectory: true },
    ])
    expect(await files.list(join(folder, 'none'))).toEqual([])
    expect((await failure(files.list(join(folder, 'b')))).code).toBe('FILE_UNREADABLE')
  })

  test('when a path is asked for, then its status is told, or that there is none', async () => {
    await writeFile(join(folder, 'a'), 'xyz')
    const status = await files.stat(join(folder, 'a'))
    expect(status).toMatchObject({ isDirectory: false, sizeBytes: 3 })
    expect(Math.abs((status?.modifiedMs ?? 0) - Date.now())).toBeLessThan(60_000)
    expect(await files.stat(folder)).toMatchObject({ isDirectory: true })
    expect(await files.stat(join(folder, 'none'))).toBeUndefined()
    expect(await files.stat(join(folder, 'a', 'none'))).toBeUndefined()
  })
})

async function failure(promise: Promise<unknown>): Promise<MillraceError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(MillraceError)
  return error as MillraceError
}
