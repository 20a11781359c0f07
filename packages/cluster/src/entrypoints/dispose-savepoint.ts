import { MillraceError, show } from '@millrace/core'
import { nodePlatform } from '@millrace/core/node'
import { disposeStoredSavepoint } from '@millrace/runtime'

/**
 * Deletes a savepoint, or a checkpoint that no job uses any more. `path` is what `triggerSavepoint` or `stopWithSavepoint` answered,
 * or wherever it is now.
 *
 * @throws MillraceError `CHECKPOINT_MISSING` if there is no whole one, `CHECKPOINT_CORRUPT` if it is damaged; then nothing was
 * deleted.
 * @example
 * ```ts
 * import { disposeSavepoint, StreamExecutionEnvironment } from 'millrace'
 *
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * env.generate({ count: 1e9, recordsPerSecond: 100, generator: (n) => n }).discard()
 * const client = await env.executeAsync('numbers')
 * const savepoint = await client.stopWithSavepoint({ directory: 'out/disposed-savepoints' })
 * await disposeSavepoint(savepoint)
 * console.log(client.status()) // finished
 * ```
 */
export async function disposeSavepoint(path: string): Promise<void> {
  if (typeof path !== 'string' || path === '') {
    throw new MillraceError('OPTION_INVALID', {
      expected: 'the path of a savepoint',
      came: show(path),
      todo: 'Give disposeSavepoint what stopWithSavepoint answered.',
    })
  }
  await disposeStoredSavepoint(nodePlatform().files, path)
}
