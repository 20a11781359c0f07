import type {
  DirectoryEntry,
  FileStatus,
  FileSystem,
  ReadableFile,
  WritableFile,
} from '@millrace/core'
import type { Lifetime } from '../time/lifetime.ts'
import type { Timeline } from '../time/timeline.ts'
import type { Trace } from '../trace/trace.ts'
import type { DiskActor, DiskTree } from './disk-tree.ts'
import { fileUnreadable, fileUnwritable } from './file-errors.ts'
import type { FileNode } from './file-node.ts'

/** A file that a process has open. */
export interface OpenFile {
  readonly path: string
  readonly owner: Lifetime
}

/** What files ask of the disk on which they are, and tell it. */
export interface DiskOfFiles {
  /** The time that files bear, in milliseconds since 1970. */
  calendarMs(): number
  /** How long an operation that moves so many bytes takes, if it starts now. */
  latencyMs(movedBytes: number): number
  /** Throws `FILE_UNWRITABLE` if the operation that wants so many more bytes on the disk is to fail. */
  failIfDue(path: string, addedBytes: number): void
  /** How many of the bytes of a failed write are in the file nevertheless. */
  bytesOfFailedWrite(lengthBytes: number): number
  /** Something has another path now. */
  noteRename(to: string): void
  /** A process has a file open from now on, by this handle. */
  noteOpen(handle: object, file: OpenFile): void
  noteClosed(handle: object): void
}

/** What one process needs to reach a disk. */
export interface SimulatedFilesOptions {
  readonly disk: DiskOfFiles
  readonly tree: DiskTree
  readonly timeline: Timeline
  readonly trace: Trace
  readonly owner: Lifetime
}

/**
 * The files of a simulated disk for one process. What it asks for happens at the end of the time it
 * takes.
 */
export class SimulatedFiles implements FileSystem {
  readonly #tree: DiskTree
  readonly #work: DiskWork

  constructor(options: SimulatedFilesOptions) {
    this.#tree = options.tree
    this.#work = new DiskWork(options)
  }

  read(path: string): Promise<Uint8Array> {
    const movedBytes = this.#tree.stat(path)?.sizeBytes ?? 0
    return this.#work.start({ label: `read ${path}`, movedBytes }, () => {
      const file = this.#tree.file(path)
      return file.read(0, file.sizeBytes)
    })
  }

  open(path: string): Promise<ReadableFile> {
    return this.#work.start({ label: `open ${path}` }, () => {
      return this.#work.opened(
        path,
        new SimulatedReadableFile(path, this.#tree.file(path), this.#work),
      )
    })
  }

  create(path: string): Promise<WritableFile> {
    return this.#work.start({ label: `create ${path}` }, (actor) => {
      // A name takes a byte of room, so that a full disk refuses new files too.
      this.#work.disk.failIfDue(path, 1)
      const file = this.#tree.create(path, actor)
      return this.#work.opened(path, new SimulatedWritableFile(path, file, this.#work))
    })
  }

  append(path: string, sizeBytes: number): Promise<WritableFile> {
    return this.#work.start({ label: `append to ${path} after ${sizeBytes}` }, (actor) => {
      this.#work.disk.failIfDue(path, 0)
      const file = this.#tree.file(path)
      if (file.sizeBytes < sizeBytes) {
        throw fileUnreadable(path, `a file of ${file.sizeBytes} bytes, not ${sizeBytes}`)
      }
      file.cut(sizeBytes)
      file.writer = actor.owner
      return this.#work.opened(path, new SimulatedWritableFile(path, file, this.#work))
    })
  }

  rename(from: string, to: string): Promise<void> {
    return this.#change(`rename ${from} to ${to}`, to, (actor) => {
      this.#tree.rename(from, to, actor)
      this.#work.disk.noteRename(to)
    })
  }

  remove(path: string): Promise<void> {
    return this.#change(`remove ${path}`, path, (actor) => this.#tree.removeFile(path, actor))
  }

  removeDirectory(path: string): Promise<void> {
    return this.#change(`removeDirectory ${path}`, path, (actor) => {
      this.#tree.removeDirectory(path, actor)
    })
  }

  makeDirectory(path: string): Promise<void> {
    return this.#change(`makeDirectory ${path}`, path, (actor) => {
      this.#tree.makeDirectory(path, actor)
    })
  }

  syncDirectory(path: string): Promise<void> {
    return this.#change(`syncDirectory ${path}`, path, () => this.#tree.syncDirectory(path))
  }

  list(path: string): Promise<readonly DirectoryEntry[]> {
    return this.#work.start({ label: `list ${path}` }, () => this.#tree.list(path))
  }

  stat(path: string): Promise<FileStatus | undefined> {
    return this.#work.start({ label: `stat ${path}` }, () => this.#tree.stat(path))
  }

  #change(label: string, path: string, effect: (actor: DiskActor) => void): Promise<void> {
    return this.#work.start({ label }, (actor) => {
      this.#work.disk.failIfDue(path, 0)
      effect(actor)
    })
  }
}

class SimulatedReadableFile implements ReadableFile {
  readonly sizeBytes: number
  readonly #path: string
  readonly #node: FileNode
  readonly #work: DiskWork
  #isOpen = true

  constructor(path: string, node: FileNode, work: DiskWork) {
    this.sizeBytes = node.sizeBytes
    this.#path = path
    this.#node = node
    this.#work = work
  }

  read(position: number, lengthBytes: number): Promise<Uint8Array> {
    const label = `read ${this.#path} from ${position}`
    return this.#work.start({ label, movedBytes: lengthBytes }, () => {
      if (!this.#isOpen) throw fileUnreadable(this.#path, 'a closed file')
      return this.#node.read(position, lengthBytes)
    })
  }

  close(): Promise<void> {
    return this.#work.start({ label: `close ${this.#path}` }, () => {
      this.#isOpen = false
      this.#work.disk.noteClosed(this)
    })
  }
}

/** After a failure nothing more is written: the file holds a prefix of what was asked for. */
class SimulatedWritableFile implements WritableFile {
  readonly #path: string
  readonly #node: FileNode
  readonly #work: DiskWork
  readonly #order: WorkOrder = { lastAtMs: 0 }
  #isOpen = true
  #failure: { readonly error: unknown } | undefined

  constructor(path: string, node: FileNode, work: DiskWork) {
    this.#path = path
    this.#node = node
    this.#work = work
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#inOrder('write', bytes.length, (actor) => {
      // The bytes are taken only now: a caller that reuses its buffer too early must be found out.
      this.#work.trace.note(actor.owner.name, `bytes for ${this.#path}`, bytes)
      try {
        this.#work.disk.failIfDue(this.#path, bytes.length)
      } catch (error) {
        const writtenBytes = this.#work.disk.bytesOfFailedWrite(bytes.length)
        this.#append(bytes.subarray(0, writtenBytes), actor)
        throw error
      }
      this.#append(bytes, actor)
    })
  }

  sync(): Promise<void> {
    return this.#inOrder('sync', 0, () => {
      this.#work.disk.failIfDue(this.#path, 0)
      this.#node.sync()
    })
  }

  close(): Promise<void> {
    const label = `close ${this.#path}`
    return this.#work.start({ label, order: this.#order }, () => {
      this.#isOpen = false
      this.#work.disk.noteClosed(this)
    })
  }

  #append(bytes: Uint8Array, actor: DiskActor): void {
    this.#node.append(bytes)
    this.#node.writer = actor.owner
    this.#node.modifiedMs = actor.nowMs
  }

  #inOrder(what: string, movedBytes: number, effect: (actor: DiskActor) => void): Promise<void> {
    const label = `${what} ${this.#path}`
    return this.#work.start({ label, movedBytes, order: this.#order }, (actor) => {
      if (!this.#isOpen) throw fileUnwritable(this.#path, 'a closed file')
      if (this.#failure !== undefined) throw this.#failure.error
      try {
        effect(actor)
      } catch (error) {
        this.#failure = { error }
        throw error
      }
    })
  }
}

/** The operations of one process on one disk, on their way. */
class DiskWork {
  readonly disk: DiskOfFiles
  readonly trace: Trace
  readonly #timeline: Timeline
  readonly #owner: Lifetime

  constructor(options: SimulatedFilesOptions) {
    this.disk = options.disk
    this.trace = options.trace
    this.#timeline = options.timeline
    this.#owner = options.owner
  }

  /** The file, noted as open. */
  opened<File extends object>(path: string, file: File): File {
    this.disk.noteOpen(file, { path, owner: this.#owner })
    return file
  }

  /**
   * Lets an operation take its time, then carries it out. It is never settled if the process
   * crashes before.
   */
  start<Result>(operation: DiskOperation, effect: (actor: DiskActor) => Result): Promise<Result> {
    const { label, movedBytes = 0, order } = operation
    let atMs = this.#timeline.nowMs + this.disk.latencyMs(movedBytes)
    if (order !== undefined) {
      atMs = Math.max(atMs, order.lastAtMs)
      order.lastAtMs = atMs
    }
    return new Promise((resolve, reject) => {
      const run = (): void => {
        try {
          resolve(effect({ owner: this.#owner, nowMs: this.disk.calendarMs() }))
        } catch (error) {
          this.trace.note(this.#owner.name, `${label} failed`, error)
          reject(error)
        }
      }
      this.#timeline.schedule({ atMs, owner: this.#owner, label, run })
    })
  }
}

interface DiskOperation {
  readonly label: string
  readonly movedBytes?: number
  /** Operations of one order take effect one after the other. */
  readonly order?: WorkOrder
}

interface WorkOrder {
  lastAtMs: number
}
