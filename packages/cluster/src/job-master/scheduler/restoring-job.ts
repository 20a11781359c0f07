import type { RestoringJob } from '@millrace/checkpoint'
import type { JobGraph } from '@millrace/job-graph'

/** What there is to know of a job that is to be restored. */
export function restoringJob(graph: JobGraph): RestoringJob {
  return {
    name: graph.jobName,
    operators: graph.vertices.flatMap(({ operators, parallelism, maxParallelism }) =>
      operators.map(({ uid, name }) => ({ uid, name, parallelism, maxParallelism })),
    ),
  }
}
