// The parameters of a job: text by name, from the command line, the environment or a file, read by getters that check.

import { MillraceError, show } from '../errors/millrace-error.ts'
import { type Duration, durationMs } from '../time/duration.ts'

/** What a parameter may be given as; it is kept as text. */
export type ParameterValue = string | number | boolean | bigint

/**
 * Parameters by name. Set with `env.setGlobalJobParameters`, every function sees them as `context.globalJobParameters`.
 *
 * A getter with a default answers it when the parameter is missing; without one it throws `OPTION_INVALID`, but for {@link get},
 * which answers `undefined`.
 *
 * @example
 * ```ts
 * import { Parameters } from 'millrace'
 *
 * const parameters = Parameters.fromArgs(['--input', 'bids.json', '--window', '10 s', '--verbose'])
 * console.log(parameters.getRequired('input')) // bids.json
 * console.log(parameters.getDuration('window')) // 10000
 * console.log(parameters.getInt('parallelism', 2)) // 2
 * console.log(parameters.unrequested()) // [ 'verbose' ]
 * ```
 */
export class Parameters {
  readonly #values: ReadonlyMap<string, string>
  readonly #requested = new Set<string>()

  private constructor(values: ReadonlyMap<string, string>) {
    this.#values = values
  }

  /**
   * From arguments such as `process.argv.slice(2)`: `--name value`, `-name value`, `--name=value`, and `--name` alone, which is
   * `true`. A value may be a negative number.
   *
   * @throws MillraceError `OPTION_INVALID` for a value without a name.
   */
  static fromArgs(args: readonly string[]): Parameters {
    const values = new Map<string, string>()
    for (let index = 0; index < args.length; index++) {
      const argument = args[index] as string
      const match = ARGUMENT.exec(argument)
      if (match?.[1] === undefined) {
        throw new MillraceError('OPTION_INVALID', {
          expected: 'arguments such as --name value',
          came: `${show(argument)} without a name before it`,
          todo: 'Put its name before it; text with spaces needs quotes in a shell.',
        })
      }
      const next = args[index + 1]
      if (match[2] !== undefined) values.set(match[1], match[2])
      else if (next === undefined || isName(next)) values.set(match[1], 'true')
      else {
        values.set(match[1], next)
        index++
      }
    }
    return new Parameters(values)
  }

  /** From an object; entries that are `undefined` are left out. */
  static fromObject(object: Readonly<Record<string, ParameterValue | undefined>>): Parameters {
    const values = new Map<string, string>()
    for (const [name, value] of Object.entries(object)) {
      if (value === undefined) continue
      if (typeof value === 'object' || typeof value === 'function' || typeof value === 'symbol') {
        throw new MillraceError('OPTION_INVALID', {
          expected: `text, a number or a boolean as the parameter ${show(name)}`,
          came: show(value),
          todo: 'Write structured values as JSON text, and parse them where they are read.',
        })
      }
      values.set(name, String(value))
    }
    return new Parameters(values)
  }

  /**
   * From the text of a properties file: `name=value` or `name: value` a line, `#` and `!` begin comments, a `\` at the end of a line
   * goes on with the next.
   *
   * @example
   * ```ts
   * import { Parameters } from 'millrace'
   *
   * const text = '# where bids come from\ninput = bids.json\n'
   * console.log(Parameters.fromProperties(text).get('input')) // bids.json
   * ```
   */
  static fromProperties(text: string): Parameters {
    const values = new Map<string, string>()
    const lines = text.replace(/\\\r?\n\s*/g, '').split(/\r?\n/)
    for (const line of lines) {
      const trimmed = line.trim()
      if (trimmed === '' || trimmed.startsWith('#') || trimmed.startsWith('!')) continue
      const end = trimmed.search(/[=:]/)
      if (end < 0) values.set(trimmed, '')
      else values.set(trimmed.slice(0, end).trim(), trimmed.slice(end + 1).trim())
    }
    return new Parameters(values)
  }

  /**
   * From environment variables such as `process.env`: those whose name begins with `prefix`, without it.
   *
   * @example
   * ```ts
   * import { Parameters } from 'millrace'
   *
   * const parameters = Parameters.fromEnv({ JOB_INPUT: 'bids.json', HOME: '/root' }, 'JOB_')
   * console.log(parameters.names) // [ 'INPUT' ]
   * ```
   */
  static fromEnv(
    variables: Readonly<Record<string, string | undefined>>,
    prefix: string,
  ): Parameters {
    const chosen = Object.entries(variables)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), value])
    return Parameters.fromObject(Object.fromEntries(chosen))
  }

  /** The names of all parameters, in the order in which they were given. */
  get names(): readonly string[] {
    return [...this.#values.keys()]
  }

  has(name: string): boolean {
    this.#requested.add(name)
    return this.#values.has(name)
  }

  /** The text of a parameter. */
  get(name: string): string | undefined
  get(name: string, defaultValue: string): string
  get(name: string, defaultValue?: string): string | undefined {
    this.#requested.add(name)
    return this.#values.get(name) ?? defaultValue
  }

  /** The text of a parameter that must be there. */
  getRequired(name: string): string {
    return this.#read(name, undefined, 'a value', (text) => text)
  }

  /** A whole number. */
  getInt(name: string, defaultValue?: number): number {
    return this.#read(name, defaultValue, 'a whole number', (text) => {
      const value = text.trim() === '' ? Number.NaN : Number(text)
      return Number.isSafeInteger(value) ? value : undefined
    })
  }

  /** A number. */
  getNumber(name: string, defaultValue?: number): number {
    return this.#read(name, defaultValue, 'a number', (text) => {
      const value = text.trim() === '' ? Number.NaN : Number(text)
      return Number.isNaN(value) ? undefined : value
    })
  }

  /** `true` or `false`. */
  getBoolean(name: string, defaultValue?: boolean): boolean {
    return this.#read(name, defaultValue, 'true or false', (text) => BOOLEANS.get(text.trim()))
  }

  /** A duration such as `10 s`, in milliseconds. A number without a unit is milliseconds. */
  getDuration(name: string, defaultValue?: Duration): number {
    const defaultMs = defaultValue === undefined ? undefined : durationMs(defaultValue)
    return this.#read(name, defaultMs, "a duration such as '10 s'", (text) => {
      try {
        return durationMs(/^\s*\d+\s*$/.test(text) ? Number(text) : text)
      } catch {
        return undefined
      }
    })
  }

  /** The names of the parameters that nobody has asked for yet: often misspelled ones. */
  unrequested(): readonly string[] {
    return this.names.filter((name) => !this.#requested.has(name))
  }

  /** These parameters and those of `other`, which win. */
  mergeWith(other: Parameters): Parameters {
    return new Parameters(new Map([...this.#values, ...other.#values]))
  }

  /** The parameters as an object. */
  toObject(): Record<string, string> {
    return Object.fromEntries(this.#values)
  }

  #read<T>(
    name: string,
    defaultValue: T | undefined,
    expected: string,
    parse: (text: string) => T | undefined,
  ): T {
    this.#requested.add(name)
    const text = this.#values.get(name)
    if (text === undefined && defaultValue !== undefined) return defaultValue
    const value = text === undefined ? undefined : parse(text)
    if (value !== undefined) return value
    throw new MillraceError('OPTION_INVALID', {
      expected: `${expected} as the parameter ${show(name)}`,
      came: text === undefined ? 'none' : show(text),
      todo:
        text === undefined && this.#values.size > 0
          ? `There are: ${this.names.join(', ')}.`
          : `Give it, for example as --${name} on the command line.`,
    })
  }
}

/** `--name` or `-name`, perhaps with `=value`. A name does not begin with a digit: `-5` is a value. */
const ARGUMENT = /^--?([^\d\s=-][^\s=]*)(?:=([\s\S]*))?$/

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
])

function isName(argument: string): boolean {
  return ARGUMENT.test(argument)
}
