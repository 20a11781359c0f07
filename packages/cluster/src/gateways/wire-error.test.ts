import { MillraceError } from '@millrace/core'
import { describe, expect, test } from 'vitest'
import { fromWireError, toWireError } from './wire-error.ts'

/** To another thread and back out of the message. */
function sent(error: unknown): MillraceError {
  return fromWireError(structuredClone(toWireError(error)))
}

describe('an error between threads', () => {
  test('when it is ours, then all of it arrives', () => {
    const error = new MillraceError('FILE_UNREADABLE', {
      expected: 'a file',
      came: 'none',
      todo: 'Look for it.',
      ids: { path: '/flights', line: 3 },
      isRetryable: false,
      cause: new RangeError('too far'),
    })

    const arrived = sent(error)

    expect(arrived).toBeInstanceOf(MillraceError)
    expect(arrived).toMatchObject({
      code: 'FILE_UNREADABLE',
      domain: 'external',
      message: error.message,
      expected: 'a file',
      came: 'none',
      todo: 'Look for it.',
      ids: { path: '/flights', line: 3 },
      isRetryable: false,
      stack: error.stack,
    })
    expect(arrived.cause).toBeInstanceOf(RangeError)
    expect(arrived.cause).toMatchObject({ message: 'too far' })
  })

  test('when its cause is one of ours, then message and stack of the cause arrive', () => {
    const cause = new MillraceError('SOCKET_FAILED', { expected: 'a', came: 'b', todo: 'c' })

    const arrived = sent(
      new MillraceError('CHECKPOINT_FAILED', { expected: 'd', came: 'e', todo: 'f', cause }),
    )

    expect(arrived.cause).toMatchObject({ message: cause.message, stack: cause.stack })
  })

  test('when it is not ours, then it counts as a failed function and is the cause', () => {
    const error = new TypeError('x is not a function')

    const wire = toWireError(error)

    expect(fromWireError(wire)).toMatchObject({
      code: 'FUNCTION_FAILED',
      came: 'TypeError: x is not a function',
    })
    expect(fromWireError(wire).cause).toBe(error)
  })

  test('when it is no error at all, then it is shown', () => {
    expect(sent({ status: 404 })).toMatchObject({ came: '{"status":404}', cause: '{"status":404}' })
    expect(sent(undefined).came).toBe('undefined')
  })

  test('when its cause holds what cannot be cloned, then message and stack of the cause arrive', () => {
    const cause = Object.assign(new Error('refused', { cause: () => {} }), { retry: () => {} })

    expect(sent(cause).cause).toMatchObject({ message: 'refused', stack: cause.stack })
  })
})
