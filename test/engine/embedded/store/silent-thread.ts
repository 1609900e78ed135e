import { serveThread } from '../../../../src/threads/thread-host.ts'

export type SilentCalls = typeof calls

const never = new Promise(() => undefined)

// A thread that never answers, and ends in the way that a call says.
const calls = {
  wait: () => never,
  throw() {
    setImmediate(() => {
      throw new Error('out of luck')
    })
    return never
  },
  exit: () => process.exit(3),
}

await serveThread(() => ({ calls }))
