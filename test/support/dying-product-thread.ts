import { parentPort } from 'node:worker_threads'

// Stands in for a thread whose native library brings it down at the first product.
parentPort!.on('message', () => process.exit(7))
parentPort!.postMessage({ kind: 'ready' })
