import { serveThread } from '../../../../src/threads/thread-host.ts'

type NoCall = { args: null; result: null }

export type SilentCalls = { wait: NoCall; throw: NoCall; exit: NoCall }

// A thread that never answers, and ends in the way that a call says.
await serveThread<SilentCalls>(() => ({
  calls: {
    wait: () => new Promise(() => undefined),
    throw: () =>
      new Promise(() => {
        setImmediate(() => {
          throw new Error('out of luck')
        })
      }),
    exit: () => process.exit(3),
  },
}))
