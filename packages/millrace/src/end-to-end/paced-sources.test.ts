// Sources and checkpoints that wait for each other: checkpoints are rarer during a backlog, and records as many as checkpoints.

import { fileURLToPath } from 'node:url'
import { type CheckpointingOptions, StreamExecutionEnvironment } from 'millrace'
import { describe, expect, it } from 'vitest'
import backlog from './jobs/backlog.ts'
import perCheckpoint, { RECORDS, RECORDS_PER_CHECKPOINT } from './jobs/per-checkpoint.ts'

describe.each([0, 2])('a job on %i threads', (threads) => {
  function environment(
    name: string,
    checkpointing: CheckpointingOptions = {},
  ): StreamExecutionEnvironment {
    return StreamExecutionEnvironment.getExecutionEnvironment({
      ...(threads > 0 && {
        threads,
        module: fileURLToPath(new URL(`jobs/${name}.ts`, import.meta.url)),
      }),
    }).enableCheckpointing('10 ms', checkpointing)
  }

  it('when a source works off a backlog, then checkpoints come at the interval for that', async () => {
    const env = environment('backlog', { intervalDuringBacklog: '1 h' })
    backlog(env)

    const { accumulators } = await env.execute()

    expect(accumulators['checkpoints: stored'], 'none before the backlog is over').toBeUndefined()
    expect(accumulators['checkpoints: live']).toBeGreaterThan(5)
  })

  it('when there is no interval of its own for a backlog, then the backlog makes no difference', async () => {
    const env = environment('backlog')
    backlog(env)

    const { accumulators } = await env.execute()

    expect(accumulators['checkpoints: stored']).toBeGreaterThan(5)
    expect(accumulators['checkpoints: live']).toBeGreaterThan(5)
  })

  it('when a source is limited by checkpoints, then no more records come between two of them', async () => {
    const env = environment('per-checkpoint')
    perCheckpoint(env)

    const { accumulators, checkpointsCompleted } = await env.execute()

    expect(accumulators).toEqual({ records: RECORDS, most: RECORDS_PER_CHECKPOINT })
    expect(checkpointsCompleted).toBeGreaterThanOrEqual(
      Math.floor(RECORDS / RECORDS_PER_CHECKPOINT),
    )
  })
})
