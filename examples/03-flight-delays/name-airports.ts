// Joins the names of airports to window rows, by broadcast state.

import {
  type BroadcastAccess,
  type Collector,
  type KeyedBroadcastProcessFunction,
  type KeyedProcessContext,
  type KeyedRuntimeContext,
  type ListState,
  type MapStateDescriptor,
  type OnTimerContext,
  type ProcessContext,
  type ReadOnlyBroadcastAccess,
  Types,
} from 'millrace'
import { type Airport, WindowRow } from './flight.ts'

/** Names by IATA code, the same in every subtask. */
export const airportNames: MapStateDescriptor<string, string> = {
  name: 'airport-names',
  keyType: Types.string,
  valueType: Types.string,
}

type ElementContext = KeyedProcessContext<string> & ReadOnlyBroadcastAccess

/**
 * A row may come before the list of airports has been read. Then it waits for a timer at its own time: the operator's
 * watermark is the smaller one of its two inputs, and that of the airports stays behind until all of them are here.
 */
export class NameAirports implements KeyedBroadcastProcessFunction<
  string,
  WindowRow,
  Airport,
  WindowRow
> {
  #waiting!: ListState<WindowRow>

  open(context: KeyedRuntimeContext): void {
    this.#waiting = context.getListState({ name: 'waiting', type: WindowRow })
  }

  processElement(row: WindowRow, context: ElementContext, out: Collector<WindowRow>): void {
    const name = context.getBroadcastState(airportNames).get(row.origin)
    if (name !== undefined) {
      out.collect({ ...row, airport: name })
      return
    }
    this.#waiting.add(row)
    context.timerService.registerEventTimeTimer(context.timestamp ?? 0)
  }

  processBroadcastElement(airport: Airport, context: ProcessContext & BroadcastAccess): void {
    context.getBroadcastState(airportNames).put(airport.iata, `${airport.name}, ${airport.state}`)
  }

  onTimer(
    _timestamp: number,
    context: OnTimerContext<string> & ReadOnlyBroadcastAccess,
    out: Collector<WindowRow>,
  ): void {
    const names = context.getBroadcastState(airportNames)
    for (const row of this.#waiting.get()) {
      out.collect({ ...row, airport: names.get(row.origin) ?? row.origin })
    }
    this.#waiting.clear()
  }
}
