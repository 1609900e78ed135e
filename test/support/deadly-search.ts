import { parentPort } from 'node:worker_threads'
import type { ToSets } from '../../src/engine/embedded/identities/set-messages.ts'

/** A search for so many of the nearest brings the thread down. */
export const DEADLY_K = 13

parentPort?.on('message', (message: ToSets) => {
  if (message.kind !== 'task' || message.task.kind !== 'search') return
  if (message.task.query.k === DEADLY_K) process.exit(7)
})
