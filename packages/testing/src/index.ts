export { ManualTime } from './operator-harness/manual-time.ts'
export {
  type HarnessRecord,
  OperatorHarness,
  type OperatorHarnessOptions,
} from './operator-harness/operator-harness.ts'
export type { HarnessSnapshot } from './operator-harness/operator-snapshot.ts'
export {
  type HarnessStep,
  runSteps,
  type RunStepsOptions,
  type StepOutput,
} from './operator-harness/run-steps.ts'
export {
  MiniEnvironment,
  type MiniEnvironmentOptions,
  type MiniSourceOptions,
} from './mini-environment/mini-environment.ts'
export { MiniJob } from './mini-environment/mini-executor.ts'
export { type CollectedRecord, MiniOutput } from './mini-environment/mini-output.ts'
export { MiniSource, type MiniSplit } from './mini-environment/mini-source-handle.ts'
export { DrivenOperator } from './operator-tests/driven-operator.ts'
export {
  type OneInputBuilder,
  OneInputHarness,
  testOperator,
  type TestOneInputOptions,
} from './operator-tests/one-input-harness.ts'
export {
  type KeyedBy,
  ProcessFunctionTestHarnesses,
} from './operator-tests/process-function-test-harnesses.ts'
export type { BuiltStream } from './operator-tests/single-operator.ts'
export type { PendingTimer } from './operator-tests/state-of-snapshot.ts'
export {
  type OperatorStep,
  testHostile,
  testTwoInputHostile,
} from './operator-tests/test-hostile.ts'
export type { TestOperatorOptions } from './operator-tests/test-operator-options.ts'
export {
  testTwoInputOperator,
  type TestTwoInputOptions,
  type TwoInputBuilder,
  TwoInputHarness,
} from './operator-tests/two-input-harness.ts'
export type { CheckedProgram, SimulatedRun } from './simulate/seed-run.ts'
export { simulate, type SimulateOptions, type SimulateReport } from './simulate/simulate.ts'
export { SimulatedTable } from './simulate/simulated-table.ts'
export { SimulatedTopic, type TopicOptions, type TopicSplit } from './simulate/simulated-topic.ts'
export { SimulatedWorld } from './simulate/simulated-world.ts'
export type {
  CrashMoment,
  ExecutorCrashes,
  ProgramCrashes,
  ServiceFaults,
  SimulateFaults,
} from './simulate/simulate-faults.ts'
export {
  SimulatedExecutor,
  type SimulatedExecutorInit,
  type SimulatedProgram,
} from './simulator/cluster/simulated-executor.ts'
export { SimulatedPool, type SimulatedPoolInit } from './simulator/cluster/simulated-pool.ts'
export {
  EnumeratorHarness,
  type EnumeratorHarnessOptions,
} from './source-harness/enumerator-harness.ts'
export { ScriptedSource, type ScriptedSourceOptions } from './source-harness/scripted-source.ts'
export type { SimulatedDisk } from './simulator/disk/simulated-disk.ts'
export type {
  ClockFaults,
  CrashFaults,
  DiskFaults,
  FaultPlan,
  NetworkFaults,
  PeriodOptions,
} from './simulator/faults/fault-plan.ts'
export type { Supervisor } from './simulator/faults/supervisor.ts'
export type { SimulatedServer } from './simulator/network/simulated-network.ts'
export { type Range, SeededRandom } from './simulator/seeded-random.ts'
export type { SimulatedProcess } from './simulator/simulated-process.ts'
export {
  type ListenOptions,
  type ProcessOptions,
  type RunLimits,
  Simulation,
  type SimulationOptions,
} from './simulator/simulation.ts'
