// Measures one case, in a process of its own: `node --conditions=source benchmarks/engine/main.ts --case shuffle`.
// Prints one JSON line.

import { parseArgs } from 'node:util'
import { countOption } from '../command-line.ts'
import { caseNamed } from './cases.ts'

const { values } = parseArgs({
  options: {
    case: { type: 'string', default: '' },
    rounds: { type: 'string', default: '5' },
  },
})
const measure = caseNamed(values.case)
console.log(JSON.stringify(await measure(countOption('rounds', values.rounds))))
