import { parentPort } from 'node:worker_threads'

// Stands in for a session whose device hangs: it takes batches and never answers.
parentPort!.on('message', () => undefined)
parentPort!.postMessage({ kind: 'ready', provider: 'cpu', fallbackReason: null, maxBatch: 8 })
