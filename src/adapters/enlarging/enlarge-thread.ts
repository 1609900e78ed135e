import { enlarge } from '../../image/enlarge.ts'
import { ownBuffers } from '../../threads/answer-call.ts'
import { serveThread } from '../../threads/thread-host.ts'
import type { EnlargeCalls } from './enlarger.ts'

await serveThread<EnlargeCalls>(() => ({
  calls: { enlarge: (parameters) => enlarge(...parameters) },
  transfer: ownBuffers,
}))
