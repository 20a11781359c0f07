import type { FileNode } from './file-node.ts'

/** What a name on a simulated disk stands for. */
export type DiskNode = FileNode | DirectoryNode

/**
 * A folder on a simulated disk: its names as programs see them and as they would be after a crash.
 */
export class DirectoryNode {
  readonly kind = 'directory'
  readonly modifiedMs: number
  readonly live: Map<string, DiskNode> = new Map()
  readonly durable: Map<string, DiskNode> = new Map()

  constructor(nowMs: number) {
    this.modifiedMs = nowMs
  }
}
