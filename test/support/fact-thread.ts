import { serveThread } from '../../src/threads/thread-host.ts'

/** Gives how often it was provided with the fact, and the last. */
export type FactCalls = {
  facts: { args: null; result: { readonly times: number; readonly last: unknown } }
  die: { args: null; result: undefined }
}

export type FactNotices = { fact: unknown }

await serveThread<FactCalls, FactNotices>(() => {
  let times = 0
  let last: unknown = null
  return {
    notices: {
      fact(value) {
        times++
        last = value
      },
    },
    calls: { facts: () => ({ times, last }), die: () => process.exit(7) },
  }
})
