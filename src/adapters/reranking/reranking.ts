import type { Reranking } from '../../collection/rerank/rerank.ts'
import { onDemandThread } from '../on-demand-thread.ts'
import type { RerankingCalls } from './reranking-thread.ts'

/** Searches that may wait for the thread: each takes milliseconds, and hundreds where it asks for the most. */
const MAX_WAITING = 64

/** Re-ranks in a thread of its own, which starts with the first call. */
export function createReranking(): Reranking & { close(): Promise<void> } {
  // Compiled, the thread's file ends in .js.
  const script = new URL('./reranking-thread.js', import.meta.url)
  const thread = onDemandThread<RerankingCalls>(script, 'the thread that re-ranks', MAX_WAITING)
  return {
    kReciprocal: (vectors, signal) => thread.call('kReciprocal', vectors, signal && { signal }),
    close: () => thread.close(),
  }
}
