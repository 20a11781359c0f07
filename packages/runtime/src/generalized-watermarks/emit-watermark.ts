import {
  checkWatermarkDeclaration,
  describeDeclaration,
  isSameDeclaration,
  MillraceError,
  type WatermarkDeclaration,
  watermarkOf,
} from '@millrace/core'
import type { OperatorContext } from '../operators/operator.ts'
import type { WatermarkValue } from './watermark-combination.ts'

/**
 * Emits a watermark of a kind that the operator declares.
 *
 * @throws MillraceError `OPTION_INVALID` for another kind, or a value of another type.
 */
export function emitWatermark(
  { operator, output }: OperatorContext,
  declaration: WatermarkDeclaration,
  value: WatermarkValue,
): void {
  const emitted = checkWatermarkDeclaration('emitWatermark', declaration)
  const { declaredWatermarks = [] } = operator
  const declared = declaredWatermarks.find((one) => isSameDeclaration(one, emitted))
  if (declared !== undefined)
    return output.processGeneralizedWatermark(watermarkOf(declared, value))
  const known = declaredWatermarks.map(describeDeclaration).join('; ')
  throw new MillraceError('OPTION_INVALID', {
    expected: `a watermark that '${operator.name}' declares${known === '' ? '' : `: ${known}`}`,
    came: describeDeclaration(emitted),
    todo: 'Call declareWatermarks on the stream of the operator that emits it.',
    ids: { uid: operator.uid },
  })
}
