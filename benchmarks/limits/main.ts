// What the machine and Node can do at best, without an engine: `node --conditions=source benchmarks/limits/main.ts`. The figures
// of the other benchmarks are to be seen beside these. Prints one JSON line.

import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { LatencyHistogram } from '../measuring/latency-histogram.ts'
import { median } from '../measuring/rounds.ts'

const FRAME_BYTES = 64 * 1024
/** As many as a channel has under way. */
const FRAMES_UNDER_WAY = 16
const FRAMES = 40_000
const ROUND_TRIPS = 5000
const COPY_BYTES = 64 * 1024 * 1024
const COPIES = 20
const TIMERS = 2000
const SYNCS = 50

/** What was found. */
export interface Limits {
  /** Buffers of 64 KiB that one thread sends to another and gets back, in a second. */
  readonly framesPerSecond: number
  /** Half of a round trip of one buffer between two threads that do nothing else, in milliseconds. */
  readonly messageP50Ms: number
  readonly messageP99Ms: number
  readonly copyGigabytesPerSecond: number
  /** How much later than a millisecond a timer of one comes. */
  readonly timerLateP50Ms: number
  readonly timerLateP99Ms: number
  /** Writing 4 KiB and making them durable. */
  readonly syncMs: number
}

async function measureLimits(): Promise<Limits> {
  const worker = new Worker(new URL('./echo.ts', import.meta.url))
  const message = await roundTrips(worker)
  const framesPerSecond = await frames(worker)
  await worker.terminate()
  const timers = await lateTimers()
  return {
    framesPerSecond: Math.round(framesPerSecond),
    messageP50Ms: message.percentile(50),
    messageP99Ms: message.percentile(99),
    copyGigabytesPerSecond: Number(copySpeed().toFixed(1)),
    timerLateP50Ms: timers.percentile(50),
    timerLateP99Ms: timers.percentile(99),
    syncMs: Number(syncTime().toFixed(2)),
  }
}

async function roundTrips(worker: Worker): Promise<LatencyHistogram> {
  const histogram = new LatencyHistogram()
  let buffer = new ArrayBuffer(FRAME_BYTES)
  for (let trip = 0; trip < ROUND_TRIPS; trip++) {
    const startMs = performance.now()
    worker.postMessage(buffer, [buffer])
    buffer = await nextBuffer(worker)
    // In the first ones the thread starts.
    if (trip > ROUND_TRIPS / 10) histogram.record((performance.now() - startMs) / 2)
  }
  return histogram
}

function nextBuffer(worker: Worker): Promise<ArrayBuffer> {
  return new Promise((resolve) => worker.once('message', resolve))
}

function frames(worker: Worker): Promise<number> {
  return new Promise((resolve) => {
    const startMs = performance.now()
    let sent = 0
    let received = 0
    const send = (buffer: ArrayBuffer): void => {
      sent++
      worker.postMessage(buffer, [buffer])
    }
    worker.on('message', (buffer: ArrayBuffer) => {
      if (++received === FRAMES) resolve(FRAMES / ((performance.now() - startMs) / 1000))
      else if (sent < FRAMES) send(buffer)
    })
    for (let frame = 0; frame < FRAMES_UNDER_WAY; frame++) send(new ArrayBuffer(FRAME_BYTES))
  })
}

function copySpeed(): number {
  const from = new Uint8Array(COPY_BYTES).fill(1)
  const to = new Uint8Array(COPY_BYTES)
  const seconds: number[] = []
  for (let copy = 0; copy < COPIES; copy++) {
    const startMs = performance.now()
    to.set(from)
    seconds.push((performance.now() - startMs) / 1000)
  }
  return COPY_BYTES / 1e9 / median(seconds)
}

async function lateTimers(): Promise<LatencyHistogram> {
  const histogram = new LatencyHistogram()
  for (let timer = 0; timer < TIMERS; timer++) {
    const startMs = performance.now()
    await new Promise((resolve) => setTimeout(resolve, 1))
    histogram.record(performance.now() - startMs - 1)
  }
  return histogram
}

function syncTime(): number {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-limits-'))
  const file = openSync(join(folder, 'file'), 'w')
  const took: number[] = []
  for (let sync = 0; sync < SYNCS; sync++) {
    const startMs = performance.now()
    writeSync(file, new Uint8Array(4096))
    fsyncSync(file)
    took.push(performance.now() - startMs)
  }
  closeSync(file)
  rmSync(folder, { recursive: true })
  return median(took)
}

console.log(JSON.stringify(await measureLimits()))
