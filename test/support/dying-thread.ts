import { startThread } from '../../src/threads/thread-host.ts'

// Stands in for a thread whose native library brings it down at the first call.
await startThread((port) => ({
  ready: { provider: { name: 'cpu', fallbackReason: null }, maxBatch: 1 },
  receive({ type }) {
    if (type === 'call') process.exit(7)
    if (type === 'end') port.close()
  },
}))
