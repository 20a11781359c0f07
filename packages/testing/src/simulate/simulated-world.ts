import { MillraceError } from '@millrace/core'
import type { SimulatedServices } from './simulated-services.ts'
import { SimulatedTable } from './simulated-table.ts'
import { SimulatedTopic, type TopicOptions } from './simulated-topic.ts'

/**
 * The systems outside of a simulated job, which no crash touches. One world is shared by all processes of a run; each run
 * has a fresh one.
 */
export class SimulatedWorld {
  readonly #services: SimulatedServices
  readonly #topics = new Map<string, SimulatedTopic<unknown>>()
  readonly #tables = new Map<string, SimulatedTable<unknown>>()

  constructor(services: SimulatedServices) {
    this.#services = services
  }

  /**
   * The topic of that name. The first call says what it holds; a program calls it each time that it runs, and gets the same
   * topic.
   *
   * @throws MillraceError `OPTION_INVALID` if there is no such topic yet and `options` are left out.
   */
  topic<T>(name: string, options?: TopicOptions<T>): SimulatedTopic<T> {
    const existing = this.#topics.get(name)
    if (existing !== undefined) return existing as unknown as SimulatedTopic<T>
    if (options === undefined) {
      throw new MillraceError('OPTION_INVALID', {
        expected: `the records of topic ${name}`,
        came: 'nothing',
        todo: `Write world.topic('${name}', { records: […] }) where it is used first.`,
      })
    }
    const topic = new SimulatedTopic<T>(name, options, this.#services)
    this.#topics.set(name, topic as unknown as SimulatedTopic<unknown>)
    return topic
  }

  /** The table of that name; an empty one at first. */
  table<Row>(name: string): SimulatedTable<Row> {
    const existing = this.#tables.get(name)
    if (existing !== undefined) return existing as unknown as SimulatedTable<Row>
    const table = new SimulatedTable<Row>(name, this.#services)
    this.#tables.set(name, table as unknown as SimulatedTable<unknown>)
    return table
  }
}
