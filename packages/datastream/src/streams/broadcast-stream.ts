import {
  type BroadcastProcessFunction,
  broadcastEvolutionRole,
  checkOptions,
  type FunctionFactory,
  type JsonObject,
  type KeyedBroadcastProcessFunction,
  type MapStateDescriptor,
  MillraceError,
  show,
  Types,
} from '@millrace/core'
import { checkFactory } from '../functions/check-function.ts'
import { asJson } from '../graph/as-json.ts'
import { inputsFrom, type StreamOrigin } from '../graph/draft-operator.ts'
import type { DataStream } from './data-stream.ts'
import type { KeyedStream } from './keyed-stream.ts'
import { type OutputType, outputTypeOf } from './output-type.ts'
import type { SingleOutputStreamOperator } from './single-output-stream-operator.ts'
import type { StreamContext } from './stream-context.ts'

/** A state descriptor of any key and value type: how a list of different ones is passed. */
type AnyMapState = MapStateDescriptor<unknown, unknown>

/**
 * A stream whose records reach every subtask, and the states they are kept in. Made by {@link DataStream.broadcast}; the only
 * thing to do with it is to `connect` another stream with it.
 *
 * @example
 * ```ts
 * import { StreamExecutionEnvironment, Types } from 'millrace'
 *
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * const rules = env
 *   .fromData(['no spam'])
 *   .broadcast({ name: 'rules', keyType: Types.string, valueType: Types.boolean })
 * const passed = env
 *   .fromData(['hello'])
 *   .connect(rules)
 *   .process<string>(() => ({
 *     processElement: (text, _context, out) => out.collect(text),
 *     processBroadcastElement: () => {},
 *   }))
 * console.log(await passed.executeAndCollect()) // [ 'hello' ]
 * ```
 */
export class BroadcastStream<B> {
  /** Of the API's own use: the environment behind the stream. */
  readonly context: StreamContext
  /** Of the API's own use: the operators whose records these are. */
  readonly origins: readonly StreamOrigin[]
  /** The states, as data. */
  readonly states: readonly JsonObject[]
  /** What helps restored states of a former type into the declared one, by role. */
  readonly evolutions: Readonly<Record<string, object>>
  declare readonly recordType?: B

  constructor(
    context: StreamContext,
    origins: readonly StreamOrigin[],
    descriptors: readonly AnyMapState[],
  ) {
    this.context = context
    this.origins = origins
    this.states = describeStates(descriptors)
    this.evolutions = evolutionsOf(descriptors)
  }
}

/**
 * A stream and a broadcast stream that one operator reads. Made by {@link DataStream.connect}.
 *
 * @example
 * ```ts
 * import { type BroadcastProcessFunction, StreamExecutionEnvironment, Types } from 'millrace'
 *
 * const prices = { name: 'prices', keyType: Types.string, valueType: Types.int }
 * type Price = { item: string; cents: number }
 *
 * const lookUp = (): BroadcastProcessFunction<string, Price, string> => ({
 *   processElement: (item, context, out) =>
 *     out.collect(`${item} ${context.getBroadcastState(prices).get(item) ?? 'unknown'}`),
 *   processBroadcastElement: (price, context) =>
 *     context.getBroadcastState(prices).put(price.item, price.cents),
 * })
 *
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * const table = env.fromData<Price>([{ item: 'pen', cents: 120 }]).broadcast(prices)
 * const looked = env.fromData(['pen']).connect(table).process(lookUp)
 * console.log((await looked.executeAndCollect()).length) // 1
 * ```
 */
export class BroadcastConnectedStream<T, B> {
  readonly data: DataStream<T>
  readonly broadcast: BroadcastStream<B>

  constructor(data: DataStream<T>, broadcast: BroadcastStream<B>) {
    this.data = data
    this.broadcast = broadcast
  }

  /**
   * A function over both: records of the stream read the broadcast states, broadcast records change them. There is no order
   * between the two.
   *
   * @throws MillraceError `FUNCTION_INVALID` for a function object or class in place of a factory.
   */
  process<OUT>(
    factory: FunctionFactory<BroadcastProcessFunction<T, B, OUT>>,
    options: OutputType<OUT> = {},
  ): SingleOutputStreamOperator<OUT> {
    const { data, broadcast } = this
    return data.context.transform({
      kind: 'broadcast-process',
      name: 'Broadcast Process',
      inputs: [...inputsFrom(data.origins, 0), ...inputsFrom(broadcast.origins, 1)],
      config: { states: broadcast.states },
      functions: { process: checkFactory('process', factory), ...broadcast.evolutions },
      outputType: outputTypeOf('process', options),
    })
  }
}

/** A keyed stream and a broadcast stream that one operator reads. Made by {@link KeyedStream.connect}. */
export class KeyedBroadcastConnectedStream<K, T, B> extends BroadcastConnectedStream<T, B> {
  readonly #data: KeyedStream<K, T>

  constructor(data: KeyedStream<K, T>, broadcast: BroadcastStream<B>) {
    super(data, broadcast)
    this.#data = data
  }

  /**
   * A function over both, with state and timers of the record's key on the side of the keyed stream. Records of the broadcast
   * stream have no key; they reach the state of all keys by `applyToKeyedState`.
   *
   * @throws MillraceError `FUNCTION_INVALID` for a function object or class in place of a factory.
   * @example
   * ```ts
   * import { type Collector, type KeyedBroadcastProcessFunction, type KeyedRuntimeContext, type KeyedStateApplication,
   *   type ProcessContext, StreamExecutionEnvironment, Types, type ValueState } from 'millrace'
   *
   * class Totals implements KeyedBroadcastProcessFunction<string, string, string, string> {
   *   #count!: ValueState<number>
   *
   *   open(context: KeyedRuntimeContext): void {
   *     this.#count = context.getValueState({ name: 'count', type: Types.int, defaultValue: 0 })
   *   }
   *
   *   processElement(): void {
   *     this.#count.update(this.#count.value() + 1)
   *   }
   *
   *   processBroadcastElement(
   *     _command: string,
   *     context: ProcessContext & KeyedStateApplication<string>,
   *     out: Collector<string>,
   *   ): void {
   *     context.applyToKeyedState(this.#count, (word, count) => out.collect(`${word} ${count.value()}`))
   *   }
   * }
   *
   * const env = StreamExecutionEnvironment.getExecutionEnvironment()
   * const commands = env.generate({ count: 1, recordsPerSecond: 20, generator: () => 'show' })
   * const totals = env
   *   .fromData(['to', 'be', 'or', 'not', 'to', 'be'])
   *   .keyBy((word) => word)
   *   .connect(commands.broadcast({ name: 'commands' }))
   *   .process(() => new Totals())
   * console.log((await totals.executeAndCollect()).length <= 4) // true
   * ```
   */
  override process<OUT>(
    factory: FunctionFactory<KeyedBroadcastProcessFunction<K, T, B, OUT>>,
    options: OutputType<OUT> = {},
  ): SingleOutputStreamOperator<OUT> {
    const data = this.#data
    const { broadcast } = this
    return data.context.transform({
      kind: 'keyed-broadcast-process',
      name: 'Keyed Broadcast Process',
      inputs: [...inputsFrom(data.origins, 0), ...inputsFrom(broadcast.origins, 1)],
      config: { states: broadcast.states },
      functions: {
        keySelector: data.keySelector,
        process: checkFactory('process', factory),
        ...broadcast.evolutions,
      },
      outputType: outputTypeOf('process', options),
      keyType: data.keyType,
    })
  }
}

function describeStates(descriptors: readonly AnyMapState[]): JsonObject[] {
  const names = new Set<string>()
  return descriptors.map((descriptor) => {
    checkOptions('a broadcast state', descriptor, BROADCAST_OPTIONS)
    const { name, keyType, valueType } = descriptor
    if (typeof name !== 'string' || name === '' || names.has(name)) {
      throw new MillraceError('OPTION_INVALID', {
        expected: 'broadcast states with a name each, all different',
        came: show(name),
        todo: "Write for example .broadcast({ name: 'rules', keyType: Types.string }).",
      })
    }
    names.add(name)
    return asJson({
      name,
      keyType: keyType ?? Types.any(),
      valueType: valueType ?? Types.any(),
    })
  })
}

const BROADCAST_OPTIONS = ['name', 'keyType', 'valueType', 'migrate', 'fieldDefaults']

/** Functions cannot lie in the plan, so migrations travel beside it, one role a state that has any. */
function evolutionsOf(descriptors: readonly AnyMapState[]): Readonly<Record<string, object>> {
  return Object.fromEntries(
    descriptors
      .filter(({ migrate, fieldDefaults }) => (migrate ?? fieldDefaults) !== undefined)
      .map((descriptor) => [broadcastEvolutionRole(descriptor.name), descriptor]),
  )
}
