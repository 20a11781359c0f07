import { MillraceError, show, WatermarkStrategy } from '@millrace/core'
import { checkFactory, checkFunction } from '../functions/check-function.ts'

/** The functions of a watermark strategy by role. `call` names the method that got the strategy. */
export function watermarkFunctions<T>(
  call: string,
  strategy: WatermarkStrategy<T>,
): Readonly<Record<string, unknown>> {
  if (!(strategy instanceof WatermarkStrategy)) {
    throw new MillraceError('OPTION_INVALID', {
      expected: `a WatermarkStrategy for ${call}`,
      came: show(strategy),
      todo: "Use for example WatermarkStrategy.forBoundedOutOfOrderness('5 s') or WatermarkStrategy.noWatermarks().",
    })
  }
  const { timestampAssigner, generatorFactory } = strategy
  return {
    ...(timestampAssigner && {
      timestampAssigner: checkFunction('withTimestampAssigner', timestampAssigner),
    }),
    ...(generatorFactory && { generator: checkFactory('forGenerator', generatorFactory) }),
  }
}
