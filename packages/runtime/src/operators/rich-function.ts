import { type LifeCycle, MillraceError, type RichFactory, show } from '@millrace/core'
import type { OperatorContext } from './operator.ts'

/**
 * A fresh function of the factory under the role `rich`.
 *
 * @throws MillraceError `FUNCTION_INVALID` if it has no such method; it would have none after a restart either.
 */
export function createRichFunction<F extends LifeCycle<never>>(
  { operator, functions }: OperatorContext,
  method: keyof F & string,
): F {
  const created = functions.resolve<RichFactory<F>>(operator.functions['rich']).create()
  if (typeof created?.[method] === 'function') return created
  throw new MillraceError('FUNCTION_INVALID', {
    expected: `a function with the method ${method} from the factory of '${operator.name}'`,
    came: show(created),
    todo: `Write rich(() => new MyFunction()), where MyFunction has the method ${method}.`,
    ids: { uid: operator.uid },
  })
}
