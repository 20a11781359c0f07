import {
  describeDeclaration,
  isSameDeclaration,
  MillraceError,
  type WatermarkDeclaration,
} from '@millrace/core'
import type { DraftOperator } from './draft-operator.ts'

/**
 * Tasks combine watermarks by the declaration that comes with them, so a name has one in the whole job.
 *
 * @throws MillraceError `OPTION_INVALID` if two operators declare a name differently.
 */
export function checkDeclaredWatermarks(operators: readonly DraftOperator[]): void {
  const known = new Map<
    string,
    { readonly by: string; readonly declaration: WatermarkDeclaration }
  >()
  for (const { name, declaredWatermarks } of operators) {
    for (const declaration of declaredWatermarks) {
      const earlier = known.get(declaration.name)
      known.set(declaration.name, earlier ?? { by: name, declaration })
      if (earlier === undefined || isSameDeclaration(earlier.declaration, declaration)) continue
      throw new MillraceError('OPTION_INVALID', {
        expected: `one declaration of a watermark in a job: ${describeDeclaration(earlier.declaration)}, as in '${earlier.by}'`,
        came: `${describeDeclaration(declaration)}, in '${name}'`,
        todo: 'Use the same declaration in both, or another name.',
      })
    }
  }
}
