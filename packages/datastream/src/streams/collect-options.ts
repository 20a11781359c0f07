import { checkInteger, checkOptions, MillraceError, show } from '@millrace/core'

/** Options of {@link DataStream.executeAndCollect}. */
export interface CollectOptions {
  /** Shown in logs and by the job client. Default: that of `execute()`. */
  readonly jobName?: string
  /** The most records that are collected: then the job is canceled. Default: all, until the job ends. */
  readonly limit?: number
}

/** The options, checked. Text is the name of the job. */
export function collectOptions(options: CollectOptions | string): CollectOptions {
  if (typeof options === 'string') return { jobName: options }
  checkOptions('executeAndCollect', options, ['jobName', 'limit'])
  const { jobName, limit } = options
  if (jobName !== undefined && typeof jobName !== 'string') {
    throw new MillraceError('OPTION_INVALID', {
      expected: 'a jobName as text for executeAndCollect',
      came: show(jobName),
      todo: "Write executeAndCollect({ jobName: 'count words' }).",
    })
  }
  if (limit !== undefined) checkInteger('limit', limit, { min: 1, max: Number.MAX_SAFE_INTEGER })
  return options
}

/** The first `limit` values; then the rest is given up. */
export async function take<T>(values: AsyncIterable<T>, limit: number): Promise<T[]> {
  const taken: T[] = []
  for await (const value of values) if (taken.push(value) === limit) break
  return taken
}
