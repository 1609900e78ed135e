import { enlarge } from '../../image/enlarge.ts'
import { ownBuffers, serveThread } from '../../threads/thread-host.ts'

export type EnlargeCalls = typeof calls

const calls = { enlarge: (parameters: Parameters<typeof enlarge>) => enlarge(...parameters) }

await serveThread(() => ({ calls, transfer: ownBuffers }))
