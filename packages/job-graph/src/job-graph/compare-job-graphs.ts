import { MillraceError } from '@millrace/core'
import type { JobEdge, JobGraph, JobOperator, JobVertex } from './job-graph.ts'

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

interface Difference {
  readonly uid: string
  readonly came: string
}

/** Operators first: an operator that differs explains vertices and edges that differ. */
function firstDifference(expected: JobGraph, actual: JobGraph): Difference {
  return (
    differenceIn(operatorsOf(expected), operatorsOf(actual), OPERATOR) ??
    differenceIn(expected.vertices, actual.vertices, VERTEX) ??
    differenceIn(expected.edges, actual.edges, EDGE) ?? { uid: '', came: 'only the hash differs' }
  )
}

function operatorsOf({ vertices }: JobGraph): readonly JobOperator[] {
  return vertices.flatMap(({ operators }) => operators)
}

/** How a part of a graph is named. */
interface Part<T> {
  readonly what: string
  readonly id: (part: T) => string
  readonly uid: (part: T) => string
  readonly name: (part: T) => string
}

const OPERATOR: Part<JobOperator> = {
  what: 'operator',
  id: ({ uid }) => uid,
  uid: ({ uid }) => uid,
  name: ({ name, uid }) => `'${name}' (uid ${uid})`,
}

const VERTEX: Part<JobVertex> = {
  what: 'vertex',
  id: ({ id }) => id,
  uid: ({ id }) => id,
  name: ({ name }) => `'${name}'`,
}

const EDGE: Part<JobEdge> = {
  what: 'edge',
  id: ({ id }) => id,
  uid: ({ fromOperator }) => fromOperator,
  name: ({ id }) => `'${id}'`,
}

function differenceIn<T extends object>(
  left: readonly T[],
  right: readonly T[],
  part: Part<T>,
): Difference | undefined {
  const name = (each: T | undefined): string => (each === undefined ? 'missing' : part.name(each))
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const a = left[i]
    const b = right[i]
    if (JSON.stringify(a) === JSON.stringify(b)) continue
    const named = (a ?? b) as T
    const isSame = a !== undefined && b !== undefined && part.id(a) === part.id(b)
    const came = isSame
      ? `${part.what} ${i + 1}, ${name(b)}, differs${fieldIn(a, b)}`
      : `${part.what} ${i + 1} is ${name(b)}, not ${name(a)}`
    return { uid: part.uid(named), came }
  }
  return undefined
}

function fieldIn<T extends object>(a: T, b: T): string {
  for (const key of Object.keys({ ...a, ...b }) as (keyof T & string)[]) {
    const left = JSON.stringify(a[key])
    const right = JSON.stringify(b[key])
    if (left !== right) return `: its ${key} is ${right}, not ${left}`
  }
  return ''
}
