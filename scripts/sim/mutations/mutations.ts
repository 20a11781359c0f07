// Bugs that engines of streams have had, each as one change of one source text. None is in the engine: they are put in when
// a module is loaded, see load-mutation.ts. A proof that does not notice them proves nothing.

/** A bug to be put in. */
export interface Mutation {
  readonly name: string
  /** The file, from the root of the repository. */
  readonly file: string
  /** What is replaced; it is in the file exactly once. */
  readonly snippet: string
  readonly replacement: string
}

/** All bugs. When a snippet is gone because the engine has changed, write the bug anew where it would be now. */
export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'skipped alignment',
    file: 'packages/exchange/src/gates/input-gate.ts',
    snippet: 'this.#isBlocked[index] = true',
    replacement: 'this.#isBlocked[index] = false',
  },
  {
    name: 'commit before completion',
    file: 'packages/runtime/src/sinks/sink-operator.ts',
    snippet: '  override async close(): Promise<void> {',
    replacement: `  protected override keep(prepared: PreparedCommit): void {
    super.keep(prepared)
    void prepared.committables.then((committables) => this.#commit(committables))
  }

  override async close(): Promise<void> {`,
  },
  {
    name: 'sink forgets to commit again after a restore',
    file: 'packages/runtime/src/sinks/sink-operator.ts',
    snippet: '    await this.#commit(committables)\n',
    replacement: '',
  },
  {
    name: 'committables given up before the commit',
    file: 'packages/runtime/src/sinks/writer-operator.ts',
    snippet: '    if (given !== undefined) await given\n',
    replacement: '',
  },
  {
    name: 'lost timer: one of those of the same moment',
    file: 'packages/runtime/src/timers/timer-queue.ts',
    snippet: '    if (keys.size > 0) return true\n',
    replacement: '',
  },
  {
    name: 'lost timer: after a restore',
    file: 'packages/runtime/src/operators/keyed-scope.ts',
    snippet: '      this.#eventTimers.add(timestamp, key as K),',
    replacement: '      timestamp % 5 === 0 || this.#eventTimers.add(timestamp, key as K),',
  },
  {
    name: 'key group off by one at a rescale',
    file: 'packages/state/src/snapshot/keyed-snapshot-reader.ts',
    snippet: 'if (keyGroup >= range.start && keyGroup <= range.end) yield',
    replacement: 'if (keyGroup >= range.start && keyGroup < range.end) yield',
  },
  {
    name: 'watermark a millisecond too early',
    file: 'packages/core/src/time/watermark-strategy.ts',
    snippet: 'output.emitWatermark(timestamp - this.#delayMs - 1)',
    replacement: 'output.emitWatermark(timestamp - this.#delayMs)',
  },
  {
    name: 'watermark of the fastest channel',
    file: 'packages/runtime/src/watermarks/combined-time.ts',
    snippet: 'if (watermark < smallestActive) smallestActive = watermark',
    replacement:
      'if (smallestActive === Number.POSITIVE_INFINITY || watermark > smallestActive) smallestActive = watermark',
  },
  {
    name: 'timer a millisecond too early',
    file: 'packages/runtime/src/operators/keyed-scope.ts',
    snippet: 'while (timers.earliest <= watermark) {',
    replacement: 'while (timers.earliest <= watermark + 1) {',
  },
  {
    name: 'state outlives its time to live',
    file: 'packages/state/src/ttl/ttl-policy.ts',
    snippet: 'return accessedAt + lifeMs <= nowMs',
    replacement: 'return accessedAt + 2 * lifeMs <= nowMs',
  },
  {
    name: 'dropped batch in flight: the barrier overtakes it',
    file: 'packages/exchange/src/channels/port-channel.ts',
    snippet: '    this.flush()\n    this.#port.post(event)\n',
    replacement: '    this.#port.post(event)\n',
  },
  {
    name: 'restore of an older checkpoint',
    file: 'packages/runtime/src/checkpoint-storage/checkpoint-storage.ts',
    snippet: '      return this.#restorePoint(checkpointId)\n',
    replacement: `      const older = checkpointId - 1
      return this.#restorePoint(older > 0 && (await this.#isComplete(older)) ? older : checkpointId)
`,
  },
  {
    name: 'no sync before the rename',
    file: 'packages/runtime/src/checkpoint-storage/write-durable.ts',
    snippet: '    await file.sync()\n',
    replacement: '',
  },
  {
    name: 'operator state dealt twice at a rescale',
    file: 'packages/state/src/operator-state/share-out.ts',
    snippet: 'Math.floor((all.length * (subtaskIndex + 1)) / parallelism),',
    replacement: 'Math.floor((all.length * (subtaskIndex + 1)) / parallelism) + 1,',
  },
  {
    name: 'checkpoint of an older one is not removed',
    file: 'packages/cluster/src/job-master/checkpoints/checkpoint-coordinator.ts',
    snippet: 'for (const path of [...this.#failedDirectories, ...discarded]) this',
    replacement: 'for (const path of this.#failedDirectories) this',
  },
  {
    name: 'open file forgotten',
    file: 'packages/runtime/src/checkpoint-storage/write-durable.ts',
    snippet: '  } finally {\n    await file.close()\n  }\n',
    replacement: '  } finally {\n  }\n',
  },
]
