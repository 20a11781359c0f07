import { MillraceError, type Platform } from '@millrace/core'
import { SeededRandom } from '../simulator/seeded-random.ts'
import type { ManualTime } from './manual-time.ts'

/** A world of which only the time is there. A connector that needs files or sockets belongs into a simulation. */
export function harnessPlatform(time: ManualTime): Platform {
  return {
    clock: time,
    timers: time,
    random: new SeededRandom(0),
    files: absent('files'),
    network: absent('network'),
    log: { info: () => {}, warn: () => {}, error: () => {} },
    print: () => {},
    printError: () => {},
  }
}

function absent<Part extends object>(part: string): Part {
  return new Proxy({} as Part, {
    get: () => {
      throw new MillraceError('OPTION_INVALID', {
        expected: `an operator that needs no ${part}`,
        came: `a use of platform.${part} inside an operator harness`,
        todo: `Give the harness a platform of your own, such as a process of a Simulation.`,
      })
    },
  })
}
