import type { GraphCalls } from '../../src/engine/embedded/graph/graph-calls.ts'
import { serveThread } from '../../src/threads/thread-host.ts'

// Stands in for a library that brings its thread down with the first point.
await serveThread<Pick<GraphCalls, 'create' | 'add' | 'drop'>>(() => ({
  calls: { create: () => undefined, add: () => process.exit(7), drop: () => undefined },
  end: () => process.exit(),
}))
