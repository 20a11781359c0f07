// The names and files of a simulated disk, and what is left of them after a crash. Nothing here
// takes time or fails by chance: the operations are carried out at once or throw. Paths are taken
// from the root; `a/b` is `/a/b`.

import type { DirectoryEntry, FileStatus, MillraceError } from '@millrace/core'
import type { SeededRandom } from '../seeded-random.ts'
import type { Lifetime } from '../time/lifetime.ts'
import { DirectoryNode, type DiskNode } from './directory-node.ts'
import { namesOf, pathOf } from './disk-path.ts'
import { fileMissing, fileUnreadable, fileUnwritable } from './file-errors.ts'
import { FileNode } from './file-node.ts'
import { type DirectoryName, NameJournal } from './name-journal.ts'

/** A change of the tree: by whom and when. */
export interface DiskActor {
  readonly owner: Lifetime
  readonly nowMs: number
}

/** Folders and files in memory that tell durable from not yet durable. */
export class DiskTree {
  readonly #root = new DirectoryNode(0)
  readonly #journal = new NameJournal()

  /** The file at a path, for reading. */
  file(path: string): FileNode {
    const node = this.#find(path)
    if (node === undefined) throw this.#nothingAt(path)
    if (node.kind === 'directory') throw fileUnreadable(path, 'a folder')
    return node
  }

  /** Creates a file or empties the one that is there. */
  create(path: string, actor: DiskActor): FileNode {
    const place = this.#place(path, actor)
    const existing = place.directory.live.get(place.name)
    if (existing?.kind === 'directory') throw fileUnwritable(path, 'a folder of that name')
    if (existing !== undefined) {
      existing.empty()
      existing.writer = actor.owner
      return existing
    }
    const node = new FileNode(actor.nowMs)
    this.#journal.add({ owner: actor.owner, changes: [{ ...place, node }] })
    return node
  }

  makeDirectory(path: string, actor: DiskActor): void {
    let directory = this.#root
    for (const name of namesOf(path)) {
      this.#journal.adopt({ directory, name }, actor.owner)
      let node = directory.live.get(name)
      if (node?.kind === 'file') throw fileUnwritable(path, `${name} is a file`)
      if (node === undefined) {
        node = new DirectoryNode(actor.nowMs)
        this.#journal.add({ owner: actor.owner, changes: [{ directory, name, node }] })
      }
      directory = node
    }
  }

  rename(from: string, to: string, actor: DiskActor): void {
    const node = this.#find(from)
    if (node === undefined) throw this.#nothingAt(from)
    const parent = `${to}/..`
    if (this.#find(parent) === undefined) throw fileMissing(parent)
    const source = this.#place(from, actor)
    const target = this.#place(to, actor)
    const replaced = target.directory.live.get(target.name)
    if (replaced === node) return
    if (node.kind === 'directory' && `${pathOf(to)}/`.startsWith(`${pathOf(from)}/`)) {
      throw fileUnwritable(to, 'a path inside the folder that would move')
    }
    if (replaced !== undefined && !canReplace(replaced, node)) {
      throw fileUnwritable(to, `a ${replaced.kind} that is in the way`)
    }
    this.#journal.add({
      owner: actor.owner,
      changes: [
        { ...source, node: undefined },
        { ...target, node },
      ],
      ...(replaced?.kind === 'directory' && { removed: replaced }),
    })
  }

  removeFile(path: string, actor: DiskActor): void {
    if (this.#find(path) === undefined) return
    const place = this.#place(path, actor)
    if (place.directory.live.get(place.name)?.kind === 'directory') {
      throw fileUnwritable(path, 'a folder, which is removed by removeDirectory')
    }
    this.#removeName(place, actor)
  }

  /** Removes each name below the folder by itself, so a crash may leave any part of it. */
  removeDirectory(path: string, actor: DiskActor): void {
    const found = this.#find(path)
    if (found === undefined) return
    if (found.kind === 'directory') this.#removeBelow(found, actor)
    this.#removeName(this.#place(path, actor), actor)
  }

  syncDirectory(path: string): void {
    const node = this.#find(path)
    if (node === undefined) throw fileUnwritable(path, 'nothing there')
    if (node.kind === 'file') throw fileUnwritable(path, 'a file, which is synced by its handle')
    this.#journal.sync(node)
  }

  list(path: string): readonly DirectoryEntry[] {
    const node = this.#find(path)
    if (node === undefined && !this.#leadsThroughFile(path)) return []
    if (node?.kind !== 'directory') throw fileUnreadable(path, 'a file')
    const names = [...node.live.keys()].sort()
    return names.map((name) => ({ name, isDirectory: node.live.get(name)?.kind === 'directory' }))
  }

  stat(path: string): FileStatus | undefined {
    const node = this.#find(path)
    if (node === undefined) return undefined
    const sizeBytes = node.kind === 'file' ? node.sizeBytes : 0
    return { isDirectory: node.kind === 'directory', sizeBytes, modifiedMs: node.modifiedMs }
  }

  /** All files by path, in the order of their paths. */
  files(): ReadonlyMap<string, FileNode> {
    const files: [string, FileNode][] = []
    collectFiles(this.#root, '', files)
    return new Map(files.sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  /** How many creations, renames and removals a crash could undo. */
  get namesAtStake(): number {
    return this.#journal.size
  }

  /** Decides what is left of all that `owner` did and did not make durable. */
  crash(owner: Lifetime, random: SeededRandom): void {
    this.#journal.crash(owner, random)
    for (const file of this.files().values()) if (file.writer === owner) file.crash(random)
  }

  #find(path: string): DiskNode | undefined {
    let node: DiskNode | undefined = this.#root
    for (const name of namesOf(path)) {
      if (node?.kind !== 'directory') return undefined
      node = node.live.get(name)
    }
    return node
  }

  #nothingAt(path: string): MillraceError {
    return this.#leadsThroughFile(path)
      ? fileUnreadable(path, 'a path that leads through a file')
      : fileMissing(path)
  }

  #leadsThroughFile(path: string): boolean {
    const parents = namesOf(path).slice(0, -1)
    return parents.some(
      (_, index) => this.#find(parents.slice(0, index + 1).join('/'))?.kind === 'file',
    )
  }

  /** Where a name is to be changed. The folders on the way must exist. */
  #place(path: string, actor: DiskActor): DirectoryName {
    const names = namesOf(path)
    const name = names.pop()
    if (name === undefined) throw fileUnwritable(path, 'the root folder')
    let directory = this.#root
    for (const parentName of names) {
      this.#journal.adopt({ directory, name: parentName }, actor.owner)
      const parent = directory.live.get(parentName)
      if (parent === undefined) throw fileUnwritable(path, 'no folder to hold it')
      if (parent.kind === 'file') throw fileUnwritable(path, `${parentName} is a file`)
      directory = parent
    }
    this.#journal.adopt({ directory, name }, actor.owner)
    return { directory, name }
  }

  #removeBelow(directory: DirectoryNode, actor: DiskActor): void {
    for (const [name, node] of directory.live) {
      if (node.kind === 'directory') this.#removeBelow(node, actor)
      this.#journal.adopt({ directory, name }, actor.owner)
      this.#removeName({ directory, name }, actor)
    }
  }

  #removeName(place: DirectoryName, actor: DiskActor): void {
    const node = place.directory.live.get(place.name)
    this.#journal.add({
      owner: actor.owner,
      changes: [{ ...place, node: undefined }],
      ...(node?.kind === 'directory' && { removed: node }),
    })
  }
}

function canReplace(replaced: DiskNode, node: DiskNode): boolean {
  if (replaced.kind === 'file') return node.kind === 'file'
  return node.kind === 'directory' && replaced.live.size === 0
}

function collectFiles(directory: DirectoryNode, path: string, into: [string, FileNode][]): void {
  for (const [name, node] of directory.live) {
    if (node.kind === 'file') into.push([`${path}/${name}`, node])
    else collectFiles(node, `${path}/${name}`, into)
  }
}
