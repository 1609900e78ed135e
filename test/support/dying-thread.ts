import { parentPort } from 'node:worker_threads'

// Stands in for a session whose native library brings its thread down at the first batch.
parentPort!.on('message', (message: { kind: string }) => {
  process.exit(message.kind === 'run' ? 7 : 0)
})
parentPort!.postMessage({ kind: 'ready', provider: 'cpu', fallbackReason: null, maxBatch: 1 })
