import { MillraceError, show, type TypeInfo, Types } from '@millrace/core'
import { asJson } from '../graph/as-json.ts'
import { type DraftOperator, inputsFrom, type StreamOrigin } from '../graph/draft-operator.ts'
import { ConnectedStreams } from '../streams/connected-streams.ts'
import { DataStream } from '../streams/data-stream.ts'
import { type OutputType, outputTypeOf } from '../streams/output-type.ts'
import { SingleOutputStreamOperator } from '../streams/single-output-stream-operator.ts'
import type { StreamContext } from '../streams/stream-context.ts'

/**
 * A stream whose records may come back to it. Made by {@link DataStream.iterate}, closed by {@link closeWith}.
 *
 * Exactly once: what is in the loop is part of checkpoints, and goes on from there after a failure. On bounded input the loop ends
 * by itself, when all inputs have ended and nothing goes round any more. Back-pressure: what comes back goes first, and nothing new
 * enters while something waits. Watermarks enter from the inputs only, so a record that comes back may be late in windows; the
 * last watermark waits until the loop has ended. What windows and timers make of it can not be fed back any more: the job fails
 * with `ITERATION_INVALID`. There is no loop within a loop.
 *
 * @example
 * ```ts
 * import { StreamExecutionEnvironment } from 'millrace'
 *
 * type Step = { start: number; n: number; steps: number }
 *
 * // The steps of the Collatz sequence down to 1.
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * const loop = env
 *   .fromData([6, 7, 1])
 *   .map((start): Step => ({ start, n: start, steps: 0 }))
 *   .iterate()
 * loop.closeWith(
 *   loop
 *     .filter(({ n }) => n !== 1)
 *     .map(({ start, n, steps }) => ({ start, n: n % 2 === 0 ? n / 2 : 3 * n + 1, steps: steps + 1 })),
 * )
 * const lengths = loop.filter(({ n }) => n === 1).map(({ start, steps }) => `${start}: ${steps}`)
 * console.log((await lengths.executeAndCollect()).sort()) // [ '1: 0', '6: 8', '7: 16' ]
 * ```
 */
export class IterativeStream<T> extends SingleOutputStreamOperator<T> {
  readonly #head: DraftOperator

  constructor(context: StreamContext, head: DraftOperator) {
    super(context, head)
    this.#head = head
  }

  /**
   * Feeds a stream back: its records go round again. It must follow from this one. May be called several times; all are fed back.
   * Answers the stream it was given.
   *
   * @throws MillraceError `OPTION_INVALID` for what is no stream of this environment; when the job is built, `ITERATION_INVALID` for
   * a stream that does not come from the iteration, or goes through another loop.
   */
  closeWith<S extends T>(feedback: DataStream<S>): DataStream<S> {
    return feedBack(this.#head, this.context, feedback)
  }

  /**
   * A loop in which what comes back has another type than what enters: both arrive on one operator, as connected streams.
   *
   * @example
   * ```ts
   * import { StreamExecutionEnvironment } from 'millrace'
   *
   * const env = StreamExecutionEnvironment.getExecutionEnvironment()
   * const loop = env.fromData(['3', '1']).iterate().withFeedbackType<number>()
   * const countdown = loop.map((text) => Number(text), (n) => n - 1)
   * loop.closeWith(countdown.filter((n) => n > 0))
   * console.log((await countdown.executeAndCollect()).sort()) // [ 0, 0, 1, 1, 2, 3 ]
   * ```
   */
  withFeedbackType<F>(options: OutputType<F> = {}): ConnectedIterativeStreams<T, F> {
    const type = outputTypeOf('withFeedbackType', options)
    const head = this.#head
    head.config = asJson({
      ...head.config,
      feedbackType: type ?? Types.any(),
      feedbackTag: FEEDBACK_TAG,
    })
    return new ConnectedIterativeStreams(this, head, type)
  }
}

/**
 * What enters a loop and what comes back, connected. Made by {@link IterativeStream.withFeedbackType}.
 *
 * @example
 * ```ts
 * import { StreamExecutionEnvironment } from 'millrace'
 *
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * const loop = env.fromData(['2']).iterate().withFeedbackType<number>()
 * const countdown = loop.map((text) => Number(text), (n) => n - 1)
 * loop.closeWith(countdown.filter((n) => n > 0))
 * console.log((await countdown.executeAndCollect()).sort()) // [ 0, 1, 2 ]
 * ```
 */
export class ConnectedIterativeStreams<T, F> extends ConnectedStreams<T, F> {
  readonly #head: DraftOperator

  constructor(entering: DataStream<T>, head: DraftOperator, type: TypeInfo<F> | undefined) {
    const origin: StreamOrigin = {
      operator: head,
      outputTag: { id: FEEDBACK_TAG, type },
      distribution: { kind: 'default' },
    }
    super(entering, entering.context.dataStream<F>([origin], type))
    this.#head = head
  }

  /** Feeds a stream back: its records are the second input. See {@link IterativeStream.closeWith}. */
  closeWith<S extends F>(feedback: DataStream<S>): DataStream<S> {
    return feedBack(this.#head, this.first.context, feedback)
  }
}

/** The side output of a head on which goes out what came back. */
const FEEDBACK_TAG = '$feedback'

function feedBack<S>(
  head: DraftOperator,
  context: StreamContext,
  feedback: DataStream<S>,
): DataStream<S> {
  if (!(feedback instanceof DataStream) || feedback.context !== context) {
    throw new MillraceError('OPTION_INVALID', {
      expected: 'a stream of the same environment for closeWith',
      came: feedback instanceof DataStream ? 'one of another environment' : show(feedback),
      todo: 'Feed back a stream that follows from the iteration.',
    })
  }
  const inputs = inputsFrom(feedback.origins, 1).map((input) => ({
    ...input,
    isFeedback: true as const,
  }))
  head.inputs = [...head.inputs, ...inputs]
  return feedback
}
