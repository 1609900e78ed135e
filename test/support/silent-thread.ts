import { startThread } from '../../src/threads/thread-host.ts'

// Stands in for a thread whose device hangs: it takes calls and never answers.
await startThread(() => ({
  ready: { provider: { name: 'cpu', fallbackReason: null }, maxBatch: 8 },
  receive: () => undefined,
}))
