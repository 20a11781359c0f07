import { constants } from 'node:fs'
import * as fs from 'node:fs/promises'
import { join } from 'node:path'
import type {
  DirectoryEntry,
  FileStatus,
  FileSystem,
  ReadableFile,
  WritableFile,
} from '../platform.ts'
import { MillraceError } from '../../errors/millrace-error.ts'
import { errnoOf, fileError, fileTooShort, isMissing } from './file-error.ts'
import { NodeReadableFile } from './node-readable-file.ts'
import { NodeWritableFile } from './node-writable-file.ts'

/** The file system of the host. */
export class NodeFiles implements FileSystem {
  async read(path: string): Promise<Uint8Array> {
    return fs.readFile(path).catch(failedTo('read', path))
  }

  async open(path: string): Promise<ReadableFile> {
    const handle = await fs.open(path, constants.O_RDONLY).catch(failedTo('read', path))
    const stats = await handle.stat().catch(async (cause: unknown) => {
      await handle.close()
      throw fileError('read', path, cause)
    })
    if (stats.isDirectory()) {
      await handle.close()
      throw fileError('read', path, Object.assign(new Error('it is a folder'), { code: 'EISDIR' }))
    }
    return new NodeReadableFile(path, handle, stats.size)
  }

  async create(path: string): Promise<WritableFile> {
    return new NodeWritableFile(path, await fs.open(path, 'w').catch(failedTo('write', path)))
  }

  async append(path: string, sizeBytes: number): Promise<WritableFile> {
    const handle = await fs.open(path, constants.O_RDWR).catch((cause: unknown) => {
      throw fileError(isMissing(cause) ? 'read' : 'write', path, cause)
    })
    try {
      const { size } = await handle.stat()
      if (size < sizeBytes) throw fileTooShort(path, size, sizeBytes)
      await handle.truncate(sizeBytes)
    } catch (cause) {
      await handle.close()
      throw cause instanceof MillraceError ? cause : fileError('write', path, cause)
    }
    return new NodeWritableFile(path, handle, sizeBytes)
  }

  async rename(from: string, to: string): Promise<void> {
    await fs.rename(from, to).catch((cause: unknown) => {
      throw isMissing(cause) ? fileError('read', from, cause) : fileError('write', to, cause)
    })
  }

  async remove(path: string): Promise<void> {
    await fs.unlink(path).catch((cause: unknown) => {
      if (!isMissing(cause)) throw fileError('write', path, cause)
    })
  }

  async removeDirectory(path: string): Promise<void> {
    await fs.rm(path, { recursive: true, force: true }).catch(failedTo('write', path))
  }

  async makeDirectory(path: string): Promise<void> {
    await fs.mkdir(path, { recursive: true }).catch(failedTo('write', path))
  }

  async syncDirectory(path: string): Promise<void> {
    // Windows has no call for this; there a rename is durable when the file system says so.
    if (process.platform === 'win32') return
    const handle = await fs.open(path, constants.O_RDONLY).catch(failedTo('write', path))
    try {
      await handle.sync()
    } catch (cause) {
      throw fileError('write', path, cause)
    } finally {
      await handle.close()
    }
  }

  async list(path: string): Promise<readonly DirectoryEntry[]> {
    const found = await fs.readdir(path, { withFileTypes: true }).catch((cause: unknown) => {
      if (errnoOf(cause) === 'ENOENT') return []
      throw fileError('read', path, cause)
    })
    const entries = await Promise.all(
      found.map(async (entry) => ({
        name: entry.name,
        isDirectory: entry.isSymbolicLink()
          ? ((await this.stat(join(path, entry.name)))?.isDirectory ?? false)
          : entry.isDirectory(),
      })),
    )
    return entries.sort((left, right) => (left.name < right.name ? -1 : 1))
  }

  async stat(path: string): Promise<FileStatus | undefined> {
    const stats = await fs.stat(path).catch((cause: unknown) => {
      if (isMissing(cause)) return undefined
      throw fileError('read', path, cause)
    })
    return (
      stats && {
        isDirectory: stats.isDirectory(),
        sizeBytes: stats.size,
        modifiedMs: stats.mtimeMs,
      }
    )
  }
}

function failedTo(action: 'read' | 'write', path: string): (cause: unknown) => never {
  return (cause) => {
    throw fileError(action, path, cause)
  }
}
