import type { Reranking } from '../../collection/rerank/rerank.ts'
import { AppError } from '../../errors.ts'
import { ThreadClient } from '../../threads/thread-client.ts'
import type { RerankingCalls } from './reranking-thread.ts'

/** Searches that may wait for the thread: each takes milliseconds, and hundreds where it asks for the most. */
const MAX_WAITING = 64

/** Re-ranks in a thread of its own, which starts with the first call. */
export function createReranking(): Reranking & { close(): Promise<void> } {
  const name = 'the thread that re-ranks'
  const thread = new ThreadClient<RerankingCalls>({
    // Compiled, the thread's file ends in .js.
    script: new URL('./reranking-thread.js', import.meta.url),
    name,
    start: 'on demand',
    idle: 'lets process end',
    maxCalls: MAX_WAITING,
    errors: {
      died: ({ reason, cause }) => new AppError('THREAD_FAILED', `${name} ${reason}`, { cause }),
      closed: () => new AppError('SHUTTING_DOWN', 'the service is stopping'),
    },
  })
  return {
    kReciprocal: (vectors, signal) => thread.call('kReciprocal', vectors, signal && { signal }),
    close: () => thread.close(),
  }
}
