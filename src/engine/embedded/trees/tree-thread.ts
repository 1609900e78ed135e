import type { RowBrowsing } from '../../../index/metric/row-browsing.ts'
import { KeptSearches } from '../../../index/scan/kept-searches.ts'
import { serveThread } from '../../../threads/thread-host.ts'
import { HostedTrees } from './hosted-trees.ts'

const FORGET_EVERY_MS = 30_000

const segments: WebAssembly.Memory[] = []
const searches = new KeptSearches<RowBrowsing>({ clock: () => performance.now() })
// So that they do not wait for a search to be forgotten.
setInterval(() => searches.forgetOld(), FORGET_EVERY_MS).unref()

const notices = { segment: (memory: WebAssembly.Memory) => segments.push(memory) }
await serveThread(() => ({ calls: new HostedTrees(segments, searches), notices }))
