import { type StreamExecutionEnvironment, type TypeInfo, Types } from 'millrace'

/** A custom type that this module names, but does not register: whoever imports the module has to. */
const Foreign = { kind: 'custom', name: 'foreign', version: 1 } as TypeInfo<string>

export default function foreignType(env: StreamExecutionEnvironment): void {
  env
    .fromSequence(1, 10)
    .map((value) => `${value}`, { type: Foreign })
    .keyBy((text) => text, { type: Types.string })
    .reduce((left) => left)
    .discard()
}
