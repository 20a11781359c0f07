// The plan as text, for `env.explain()`.

import { describeType, type TypeDescriptor } from '@millrace/core'
import type { JobEdge, JobGraph, JobVertex } from '../job-graph/job-graph.ts'

/** One paragraph a vertex: its operators, then where their records go. */
export function explainJobGraph(graph: JobGraph): string {
  const lines = [`Job '${graph.jobName}' (${graph.hash})`]
  graph.vertices.forEach((vertex, index) => lines.push('', ...explainVertex(graph, vertex, index)))
  return lines.join('\n')
}

function explainVertex(graph: JobGraph, vertex: JobVertex, index: number): string[] {
  const number = new Map(graph.vertices.map((v, i) => [v.id, i + 1]))
  return [
    `${index + 1}. ${vertex.name}  [parallelism ${vertex.parallelism}]`,
    ...vertex.operators.map(
      (operator) =>
        `     ${operator.kind} '${operator.name}'  uid ${operator.uid}  emits ${describeType(operator.outputType)}`,
    ),
    ...graph.edges
      .filter((edge) => edge.fromVertex === vertex.id)
      .map((edge) => `     => ${number.get(edge.toVertex)} by ${explainPartitioner(edge)}`),
  ]
}

function explainPartitioner(edge: JobEdge): string {
  const { partitioner } = edge
  const tag = edge.outputTag === null ? '' : `, side output '${edge.outputTag}'`
  const key = partitioner.kind === 'hash' ? ` of ${keyText(partitioner.keyType)}` : ''
  const feedback = edge.isFeedback === true ? ', back to the head of the loop' : ''
  return `${partitioner.kind}${key}${tag}${feedback}`
}

function keyText(type: TypeDescriptor): string {
  return type.kind === 'any' ? 'key' : `${describeType(type)} key`
}
