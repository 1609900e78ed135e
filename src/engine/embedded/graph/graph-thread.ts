import { serveThread } from '../../../threads/thread-host.ts'
import type { MemoryNotices } from '../search/memory-thread.ts'
import type { GraphCalls } from './graph-calls.ts'
import { HostedGraphs } from './hosted-graphs.ts'

await serveThread<GraphCalls, MemoryNotices>(() => {
  const segments: WebAssembly.Memory[] = []
  return {
    notices: { segment: (memory) => segments.push(memory) },
    calls: new HostedGraphs(segments),
    // Between two calls of the library, also while versions are being added.
    end: () => process.exit(),
  }
})
