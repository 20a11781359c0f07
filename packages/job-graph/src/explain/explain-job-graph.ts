// The plan as text, for `env.explain()`.

import { describeDeclaration, describeType, type TypeDescriptor } from '@millrace/core'
import type { JobEdge, JobGraph, JobOperator, JobVertex } from '../job-graph/job-graph.ts'
import type { Partitioner } from '../partitioners/partitioner.ts'

/** One paragraph a vertex: its operators, then where their records go. */
export function explainJobGraph(graph: JobGraph): string {
  const lines = [`Job '${graph.jobName}' (${graph.hash})`]
  graph.vertices.forEach((vertex, index) => lines.push('', ...explainVertex(graph, vertex, index)))
  return lines.join('\n')
}

function explainVertex(graph: JobGraph, vertex: JobVertex, index: number): string[] {
  const number = new Map(graph.vertices.map((v, i) => [v.id, i + 1]))
  return [
    `${index + 1}. ${vertex.name}  [${explainPlace(vertex)}]`,
    ...vertex.operators.flatMap(explainOperator),
    ...graph.edges
      .filter((edge) => edge.fromVertex === vertex.id)
      .map((edge) => `     => ${number.get(edge.toVertex)} by ${explainPartitioner(edge)}`),
  ]
}

function explainPlace({ parallelism, slotSharingGroup }: JobVertex): string {
  const group = slotSharingGroup === undefined ? '' : `, slot sharing group '${slotSharingGroup}'`
  return `parallelism ${parallelism}${group}`
}

function explainOperator(operator: JobOperator): readonly string[] {
  const { kind, name, uid, uidHash, outputType, description, declaredWatermarks = [] } = operator
  const alias = uidHash === undefined ? '' : `, restored also from ${uidHash}`
  return [
    `     ${kind} '${name}'  uid ${uid}${alias}  emits ${describeType(outputType)}`,
    ...(description === undefined ? [] : [`       ${description}`]),
    ...declaredWatermarks.map((declared) => `       watermarks: ${describeDeclaration(declared)}`),
  ]
}

function explainPartitioner(edge: JobEdge): string {
  const { partitioner, bufferTimeoutMs } = edge
  const tag = edge.outputTag === null ? '' : `, side output '${edge.outputTag}'`
  const key = partitioner.kind === 'hash' ? ` of ${keyText(partitioner.keyType)}` : ''
  const feedback = edge.isFeedback === true ? ', back to the head of the loop' : ''
  return `${isAdaptive(partitioner) ? 'adaptive ' : ''}${partitioner.kind}${key}${tag}${explainTimeout(bufferTimeoutMs)}${feedback}`
}

function isAdaptive(partitioner: Partitioner): boolean {
  return 'isAdaptive' in partitioner && partitioner.isAdaptive
}

function explainTimeout(bufferTimeoutMs: number | undefined): string {
  if (bufferTimeoutMs === undefined) return ''
  return bufferTimeoutMs === -1 ? ', in full frames' : `, within ${bufferTimeoutMs} ms`
}

function keyText(type: TypeDescriptor): string {
  return type.kind === 'any' ? 'key' : `${describeType(type)} key`
}
