import type { ResumableTreeSearch } from '../../../index/metric/row-tree.ts'
import { ResumableSearches } from '../../../index/scan/resumable-searches.ts'
import { serveThread } from '../../../threads/thread-host.ts'
import { HostedTrees } from './hosted-trees.ts'

const FORGET_EVERY_MS = 30_000

const segments: WebAssembly.Memory[] = []
const resumable = new ResumableSearches<ResumableTreeSearch>(() => performance.now())
// So that they do not wait for a search to be forgotten.
setInterval(() => resumable.forgetOld(), FORGET_EVERY_MS).unref()

const notices = { segment: (memory: WebAssembly.Memory) => segments.push(memory) }
await serveThread(() => ({ calls: new HostedTrees(segments, resumable), notices }))
