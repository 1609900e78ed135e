import { serveThread } from '../../../threads/thread-host.ts'
import { HostedGraphs } from './hosted-graphs.ts'

const segments: WebAssembly.Memory[] = []
const notices = { segment: (memory: WebAssembly.Memory) => segments.push(memory) }

await serveThread(() => ({
  calls: new HostedGraphs(segments),
  notices,
  // Between two calls of the library, also while versions are being added.
  end: () => process.exit(),
}))
