// The other thread of the limits: sends every buffer back.

import { parentPort } from 'node:worker_threads'

parentPort?.on('message', (buffer: ArrayBuffer) => parentPort?.postMessage(buffer, [buffer]))
