import type { Log, Platform } from '../platform.ts'
import { NodeFiles } from './node-files.ts'
import { NodeNetwork } from './node-network.ts'
import { NodeRandom } from './node-random.ts'
import { nodeClock, nodeTimers } from './node-time.ts'
import { stderrLog } from './stderr-log.ts'

/** What may be chosen when a {@link nodePlatform} is made. */
export interface NodePlatformOptions {
  /** Default: one line a message on stderr. */
  readonly log?: Log
}

/**
 * The real world: the clocks, timers, random numbers, files and sockets of this Node process.
 *
 * @example
 * ```ts
 * import { nodePlatform } from '@millrace/core/node'
 *
 * const platform = nodePlatform()
 * const entries = await platform.files.list('/no/such/folder')
 * console.log(entries.length) // 0
 * ```
 */
export function nodePlatform(options: NodePlatformOptions = {}): Platform {
  return {
    clock: nodeClock,
    timers: nodeTimers,
    random: new NodeRandom(),
    files: new NodeFiles(),
    network: new NodeNetwork(),
    log: options.log ?? stderrLog,
    print: (line) => process.stdout.write(`${line}\n`),
    printError: (line) => process.stderr.write(`${line}\n`),
  }
}
