import { serveThread } from '../../src/threads/thread-host.ts'

export type FactCalls = typeof calls
export type FactNotices = typeof notices

let times = 0
let last: unknown = null

const notices = {
  fact(value: unknown) {
    times++
    last = value
  },
}

const calls = {
  /** Gives how often the thread was provided with the fact, and the last. */
  facts: () => ({ times, last }),
  die: () => process.exit(7),
}

await serveThread(() => ({ calls, notices }))
