import type { RowBrowsing } from '../../../index/metric/row-browsing.ts'
import { KeptSearches } from '../../../index/scan/kept-searches.ts'
import { serveThread } from '../../../threads/thread-host.ts'
import type { MemoryNotices } from '../search/memory-thread.ts'
import { HostedTrees } from './hosted-trees.ts'
import type { TreeCalls } from './tree-calls.ts'

const FORGET_EVERY_MS = 30_000

await serveThread<TreeCalls, MemoryNotices>(() => {
  const segments: WebAssembly.Memory[] = []
  const searches = new KeptSearches<RowBrowsing>({ clock: () => performance.now() })
  // So that they do not wait for a search to be forgotten.
  setInterval(() => searches.forgetOld(), FORGET_EVERY_MS).unref()
  return {
    notices: { segment: (memory) => segments.push(memory) },
    calls: new HostedTrees(segments, searches),
  }
})
