import { serveThread } from '../../src/threads/thread-host.ts'

// Stands in for a library that brings its thread down with the first point.
await serveThread(() => ({
  calls: { create: () => undefined, add: () => process.exit(7), drop: () => undefined },
  end: () => process.exit(),
}))
