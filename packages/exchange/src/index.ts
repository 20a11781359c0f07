export {
  BATCH_RECORDS_MAX,
  CHANNEL_CREDITS,
  type InputChannel,
  type OutputChannel,
  type RecordBatch,
} from './channels/channel.ts'
export { LocalChannel } from './channels/local-channel.ts'
export { FRAME_BYTES, PortInputChannel, PortOutputChannel } from './channels/port-channel.ts'
export type { Barrier, StreamEvent } from './events/stream-event.ts'
export { type ChannelOrigin, type GateChannel, InputGate } from './gates/input-gate.ts'
export {
  AdaptiveRebalanceWriter,
  BroadcastWriter,
  CustomWriter,
  ForwardWriter,
  GlobalWriter,
  HashWriter,
  RebalanceWriter,
  type RecordWriter,
  ShuffleWriter,
} from './partitions/record-writer.ts'
