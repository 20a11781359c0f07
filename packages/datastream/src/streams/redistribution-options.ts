import { checkOptions, MillraceError, show } from '@millrace/core'

/** Options of {@link DataStream.rebalance} and {@link DataStream.rescale}. */
export interface RedistributionOptions {
  /**
   * Whether a record goes to the least busy of the next few subtasks instead of the next one: for readers that are not equally
   * fast. Then no subtask is sure to get an equal share. Default false.
   */
  readonly adaptive?: boolean
}

/** Whether the load of the readers counts, checked. `call` names the method. */
export function isAdaptive(call: string, options: RedistributionOptions): boolean {
  checkOptions(call, options, ['adaptive'])
  const { adaptive = false } = options
  if (typeof adaptive === 'boolean') return adaptive
  throw new MillraceError('OPTION_INVALID', {
    expected: `adaptive as true or false for ${call}`,
    came: show(adaptive),
    todo: `Write ${call}({ adaptive: true }).`,
  })
}
