// What happened to names and is not durable yet: creations, renames and removals, in order.
//
//   live names  =  durable names  +  the operations of the journal, in order
//
// A crash keeps some of the operations of the process that went down and loses the others. An
// operation is kept or lost as a whole, and one that builds upon a lost one (they share a name in a
// folder) is lost with it. Operations on unrelated names survive independently of each other: a
// program that relies on the order in which it asked, and not on `syncDirectory`, must fail here.

import type { SeededRandom } from '../seeded-random.ts'
import type { Lifetime } from '../time/lifetime.ts'
import type { DirectoryNode, DiskNode } from './directory-node.ts'

/** One creation, rename or removal. */
export interface NameOperation {
  readonly owner: Lifetime
  /**
   * What changes, all of it or nothing. The operation is durable once the folder of the last change
   * is synced.
   */
  readonly changes: readonly NameChange[]
  /**
   * The folder that lost its name by this, if any; what happened inside does not matter once that
   * is durable.
   */
  readonly removed?: DirectoryNode
}

/** A name in a folder. */
export interface DirectoryName {
  readonly directory: DirectoryNode
  readonly name: string
}

/** A name in a folder gets a new meaning, or none. */
export interface NameChange extends DirectoryName {
  readonly node: DiskNode | undefined
}

/** The operations on names that a crash may lose. */
export class NameJournal {
  #operations: NameOperation[] = []

  /** How many operations a crash could lose. */
  get size(): number {
    return this.#operations.length
  }

  /** Carries an operation out for all to see; it is not durable yet. */
  add(operation: NameOperation): void {
    for (const change of operation.changes) apply(change, change.directory.live)
    this.#operations.push(operation)
  }

  /** Makes the names in a folder durable. */
  sync(directory: DirectoryNode): void {
    this.#makeDurable((operation) => operation.changes.at(-1)?.directory === directory)
  }

  /**
   * What one process builds upon, another cannot lose any more: names that others gave become
   * durable.
   */
  adopt({ directory, name }: DirectoryName, owner: Lifetime): void {
    const isSameName = (change: NameChange): boolean =>
      change.directory === directory && change.name === name
    this.#makeDurable(
      (operation) => operation.owner !== owner && operation.changes.some(isSameName),
    )
  }

  /** Keeps or loses each operation of a process that went down. */
  crash(owner: Lifetime, random: SeededRandom): void {
    // One chance for all, so that also everything kept and everything lost are likely.
    const keptChance = random.next()
    const lost = new NameSet()
    const touched = new NameSet()
    const others: NameOperation[] = []
    for (const operation of this.#operations) {
      if (operation.owner !== owner) {
        others.push(operation)
        continue
      }
      touched.add(operation)
      if (lost.hasAnyOf(operation) || !random.chance(keptChance)) lost.add(operation)
      else makeDurable(operation)
    }
    for (const directory of touched.directories()) restore(directory, others)
    this.#operations = others
  }

  #makeDurable(isChosen: (operation: NameOperation) => boolean): void {
    if (!this.#operations.some(isChosen)) return
    // Backwards, since what a chosen operation builds upon becomes durable with it.
    const chosen = new Set<NameOperation>()
    const names = new NameSet()
    const removed = new Set<DirectoryNode>()
    for (const operation of this.#operations.toReversed()) {
      const isInRemoved = operation.changes.every((change) => removed.has(change.directory))
      if (!isChosen(operation) && !names.hasAnyOf(operation) && !isInRemoved) continue
      chosen.add(operation)
      names.add(operation)
      if (operation.removed !== undefined) removed.add(operation.removed)
    }
    for (const operation of this.#operations) if (chosen.has(operation)) makeDurable(operation)
    this.#operations = this.#operations.filter((operation) => !chosen.has(operation))
  }
}

/** The names that some operations touched. */
class NameSet {
  readonly #names = new Map<DirectoryNode, Set<string>>()

  add({ changes }: NameOperation): void {
    for (const { directory, name } of changes) {
      const names = this.#names.get(directory) ?? new Set()
      this.#names.set(directory, names.add(name))
    }
  }

  hasAnyOf({ changes }: NameOperation): boolean {
    return changes.some(({ directory, name }) => this.#names.get(directory)?.has(name) ?? false)
  }

  directories(): Iterable<DirectoryNode> {
    return this.#names.keys()
  }
}

function apply({ name, node }: NameChange, names: Map<string, DiskNode>): void {
  if (node === undefined) names.delete(name)
  else names.set(name, node)
}

function makeDurable({ changes }: NameOperation): void {
  for (const change of changes) apply(change, change.directory.durable)
}

function restore(directory: DirectoryNode, operations: readonly NameOperation[]): void {
  directory.live.clear()
  for (const [name, node] of directory.durable) directory.live.set(name, node)
  for (const change of operations.flatMap(({ changes }) => changes)) {
    if (change.directory === directory) apply(change, directory.live)
  }
}
