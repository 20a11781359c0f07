// Every process builds the job's graph by itself. If two come out different, operators would be paired with
// foreign state, so a difference is an error that names the first operator in which they differ.

import { MillraceError } from '@millrace/core'
import type { JobGraph, JobOperator } from './job-graph.ts'

/** Throws `JOB_GRAPH_DIFFERS` unless both graphs are the same. `where` says who built the second one. */
export function assertSameJobGraph(expected: JobGraph, actual: JobGraph, where: string): void {
  if (expected.hash === actual.hash) return
  const { uid, came } = firstDifference(expected, actual)
  throw new MillraceError('JOB_GRAPH_DIFFERS', {
    expected: `the same job graph in every process (hash ${expected.hash})`,
    came: `another one in ${where} (hash ${actual.hash}): ${came}`,
    todo: 'The program that builds the graph must not depend on time, randomness or the host.',
    ids: { uid },
  })
}

function firstDifference(expected: JobGraph, actual: JobGraph): { uid: string; came: string } {
  const left = expected.vertices.flatMap((vertex) => vertex.operators)
  const right = actual.vertices.flatMap((vertex) => vertex.operators)
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const a = left[i]
    const b = right[i]
    if (JSON.stringify(a) !== JSON.stringify(b)) {
      return {
        uid: (a ?? b)?.uid ?? '',
        came: `operator ${i + 1} is ${name(b)}, not ${name(a)}${field(a, b)}`,
      }
    }
  }
  return { uid: '', came: 'the operators are the same, but job name, parallelism or edges differ' }
}

function name(operator: JobOperator | undefined): string {
  return operator === undefined ? 'missing' : `'${operator.name}' (uid ${operator.uid})`
}

function field(a: JobOperator | undefined, b: JobOperator | undefined): string {
  if (a === undefined || b === undefined || a.uid !== b.uid) return ''
  for (const key of Object.keys(a) as (keyof JobOperator)[]) {
    const left = JSON.stringify(a[key])
    const right = JSON.stringify(b[key])
    if (left !== right) return `: its ${key} is ${right}, not ${left}`
  }
  return ''
}
