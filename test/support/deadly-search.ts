import { parentPort } from 'node:worker_threads'
import type { SetCalls } from '../../src/engine/embedded/identities/set-thread.ts'
import type { ArgsOf, ToThread } from '../../src/threads/call-table.ts'

/** A search for this many of the nearest brings the thread down. */
export const DEADLY_K = 13

parentPort?.on('message', (message: ToThread) => {
  if (message.type !== 'call' || message.kind !== 'search') return
  if ((message.args as ArgsOf<SetCalls, 'search'>).query.k === DEADLY_K) process.exit(7)
})
