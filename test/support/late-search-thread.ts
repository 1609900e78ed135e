import { workerData } from 'node:worker_threads'

// A search thread that begins when its gate is opened.
const { gate } = workerData as { readonly gate: SharedArrayBuffer }
Atomics.wait(new Int32Array(gate), 0, 0)
await import('../../src/engine/embedded/search/search-thread.ts')
