import { parentPort } from 'node:worker_threads'

// A thread that never answers, and ends in the way it is asked to.
const port = parentPort!
port.on('message', ({ kind }: { kind: string }) => {
  if (kind === 'throw') throw new Error('out of luck')
  if (kind === 'exit') process.exit(3)
})
port.postMessage({ kind: 'ready' })
