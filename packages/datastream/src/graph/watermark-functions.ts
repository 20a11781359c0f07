import { MillraceError, show, WatermarkStrategy } from '@millrace/core'

/** The functions of a watermark strategy by role. `call` names the method that got the strategy. */
export function watermarkFunctions<T>(
  call: string,
  strategy: WatermarkStrategy<T>,
): Readonly<Record<string, unknown>> {
  checkStrategy(call, strategy)
  const { timestampAssigner, generatorFactory } = strategy
  return {
    ...(timestampAssigner && { timestampAssigner }),
    ...(generatorFactory && { generator: generatorFactory }),
  }
}

/** Refuses what is no watermark strategy, for callers without types. */
export function checkStrategy<T>(call: string, strategy: WatermarkStrategy<T>): void {
  if (strategy instanceof WatermarkStrategy) return
  throw new MillraceError('OPTION_INVALID', {
    expected: `a WatermarkStrategy for ${call}`,
    came: show(strategy),
    todo: "Use for example WatermarkStrategy.forBoundedOutOfOrderness('5 s') or WatermarkStrategy.noWatermarks().",
  })
}

/** Only what reads splits can wait: in the middle of a job, records that have come cannot be held back. */
export function refuseAlignment<T>(strategy: WatermarkStrategy<T>): void {
  checkStrategy('assignTimestampsAndWatermarks', strategy)
  const { alignment } = strategy.config
  if (alignment === undefined) return
  throw new MillraceError('OPTION_INVALID', {
    expected: 'a strategy without alignment for assignTimestampsAndWatermarks',
    came: `the alignment group '${alignment.group}'`,
    todo: 'Give the strategy to fromSource: sources can wait for each other.',
  })
}
