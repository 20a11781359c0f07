// Chaining: operators that can call each other directly become one vertex.
//
//   source ─forward─> map ─hash─> window ─forward─> sink        parallelism 2:  [source -> map] ═> [window -> sink]
//                                                               parallelism 1:  [source -> map -> window -> sink]
//
// An edge is chained when nothing has to be redistributed: it is `forward`, or both sides have one subtask. The
// reader must have no other input, because a task with several inputs must align their barriers; both must be in one
// slot sharing group; and neither may have asked to stay alone.

import type { Partitioner } from '../partitioners/partitioner.ts'
import { fingerprint } from '../operator-id/fingerprint.ts'
import type { JobEdge, JobGraph, JobOperator, JobVertex } from '../job-graph/job-graph.ts'
import type { StreamEdge, StreamGraph, StreamNode } from '../stream-graph/stream-graph.ts'

/** The plan of a stream graph. The same graph gives the same plan in every process. */
export function buildJobGraph(graph: StreamGraph): JobGraph {
  const nodes = new Map(graph.nodes.map((node) => [node.uid, node]))
  const vertexOf = new Map<string, StreamNode[]>()
  const chains: StreamNode[][] = []
  const edges: JobEdge[] = []
  for (const node of graph.nodes) {
    const chain = chainToJoin(node, nodes, vertexOf)
    if (chain === undefined) {
      const fresh = [node]
      chains.push(fresh)
      vertexOf.set(node.uid, fresh)
    } else {
      chain.push(node)
      vertexOf.set(node.uid, chain)
    }
  }
  for (const [head] of chains) {
    // After all chains: a feedback edge comes from a later one.
    if (head === undefined) continue
    edges.push(...head.inputs.map((edge, index) => jobEdge(head, edge, index, { nodes, vertexOf })))
  }
  const plan = {
    formatVersion: 1,
    jobName: graph.jobName,
    vertices: chains.map(vertex),
    edges: markLoops(edges),
  } as const
  return { ...plan, hash: fingerprint(JSON.stringify([plan.vertices, plan.edges])) }
}

function chainToJoin(
  node: StreamNode,
  nodes: ReadonlyMap<string, StreamNode>,
  vertexOf: ReadonlyMap<string, StreamNode[]>,
): StreamNode[] | undefined {
  const [edge] = node.inputs
  if (edge === undefined || node.inputs.length > 1) return undefined
  const from = nodes.get(edge.from)
  if (from === undefined || from.parallelism !== node.parallelism) return undefined
  // The state of a chain lies in the key groups of its vertex.
  if (from.maxParallelism !== node.maxParallelism) return undefined
  if (from.chaining === 'never' || node.chaining !== undefined) return undefined
  if (from.slotSharingGroup !== node.slotSharingGroup) return undefined
  const isLocal = edge.partitioner.kind === 'forward' || node.parallelism === 1
  return isLocal ? vertexOf.get(edge.from) : undefined
}

function jobEdge(
  node: StreamNode,
  edge: StreamEdge,
  index: number,
  { nodes, vertexOf }: Chains,
): JobEdge {
  const bufferTimeoutMs = nodes.get(edge.from)?.bufferTimeoutMs
  return {
    id: `${edge.from}>${node.uid}:${index}`,
    fromVertex: vertexOf.get(edge.from)?.[0]?.uid ?? edge.from,
    fromOperator: edge.from,
    outputTag: edge.outputTag,
    toVertex: node.uid,
    toInput: edge.input,
    partitioner: edge.partitioner satisfies Partitioner,
    type: edge.type,
    ...(edge.isFeedback === true && { isFeedback: true as const }),
    ...(bufferTimeoutMs !== undefined && { bufferTimeoutMs }),
  }
}

/** Marks the edges from whose end one can get back to their beginning. */
function markLoops(edges: readonly JobEdge[]): readonly JobEdge[] {
  if (!edges.some((edge) => edge.isFeedback)) return edges
  const readersOf = Map.groupBy(edges, (edge) => edge.fromVertex)
  const reaches = (from: string, to: string, seen = new Set<string>()): boolean => {
    if (from === to) return true
    if (seen.has(from)) return false
    seen.add(from)
    return (readersOf.get(from) ?? []).some((edge) => reaches(edge.toVertex, to, seen))
  }
  return edges.map((edge) =>
    reaches(edge.toVertex, edge.fromVertex) ? { ...edge, isInLoop: true } : edge,
  )
}

/** All operators, and the chain that each one is in. */
interface Chains {
  readonly nodes: ReadonlyMap<string, StreamNode>
  readonly vertexOf: ReadonlyMap<string, readonly StreamNode[]>
}

function vertex(chain: readonly StreamNode[]): JobVertex {
  const [head] = chain as readonly [StreamNode, ...StreamNode[]]
  return {
    id: head.uid,
    name: chain.map((node) => node.name).join(' -> '),
    parallelism: head.parallelism,
    maxParallelism: head.maxParallelism,
    ...(head.slotSharingGroup !== undefined && { slotSharingGroup: head.slotSharingGroup }),
    operators: chain.map((node, index) => jobOperator(node, index === 0)),
  }
}

function jobOperator(node: StreamNode, isHead: boolean): JobOperator {
  const [edge] = node.inputs
  return {
    uid: node.uid,
    name: node.name,
    kind: node.kind,
    config: node.config,
    functions: node.functions,
    outputType: node.outputType,
    keyType: node.keyType,
    chainedTo: isHead || edge === undefined ? null : { uid: edge.from, outputTag: edge.outputTag },
    ...(node.description !== undefined && { description: node.description }),
    ...(node.uidHash !== undefined && { uidHash: node.uidHash }),
    ...(node.declaredWatermarks && { declaredWatermarks: node.declaredWatermarks }),
  }
}
