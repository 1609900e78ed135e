import { parentPort } from 'node:worker_threads'

// Stands in for a library that brings its thread down with the first point.
parentPort!.on('message', ({ kind, number, task }) => {
  if (kind === 'end') process.exit()
  if (task?.kind === 'add') process.exit(7)
  if (task !== undefined) parentPort!.postMessage({ number, result: null })
})
