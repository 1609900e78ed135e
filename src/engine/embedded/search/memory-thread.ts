import { AppError } from '../../../errors.ts'
import type { BlockMemory } from '../../../kernels/block-memory.ts'
import type { CallTable, Nothing, NoticeMessage, NoticeTable } from '../../../threads/call-table.ts'
import { ThreadClient } from '../../../threads/thread-client.ts'
import type { ThreadErrors, ThreadOptions } from '../../../threads/thread-options.ts'

/** Every segment of the block memory is sent before a block of it is used. */
export type MemoryNotices = { segment: WebAssembly.Memory }

export type MemoryThread<
  Calls extends CallTable,
  Notices extends NoticeTable = Nothing,
> = ThreadClient<Calls, Notices & MemoryNotices>

/** Every error is THREAD_FAILED, by which callers know that the thread may have lost what it held. */
const ERRORS: Partial<ThreadErrors> = {
  died: ({ cause }) => new AppError('THREAD_FAILED', 'a search thread ended', { cause }),
  closed: () => new AppError('SHUTTING_DOWN', 'the search threads are closed'),
  failed(kind, cause) {
    const message = `a search thread failed to ${kind}: ${cause.message}`
    return new AppError('THREAD_FAILED', message, { cause })
  },
}

/**
 * Makes a thread that shares the block memory. When it dies its calls fail with THREAD_FAILED, and it is started again. It
 * starts with its first call, unless `options` differ.
 */
export function memoryThread<Calls extends CallTable, Notices extends NoticeTable = Nothing>(
  script: URL,
  memory: BlockMemory,
  options: Partial<ThreadOptions> = {},
): MemoryThread<Calls, Notices> {
  let thread: ThreadClient<Calls, MemoryNotices> | null = null
  memory.onSegment((segment) => thread?.notify('segment', segment))
  thread = new ThreadClient<Calls, MemoryNotices>({
    script,
    name: 'search thread',
    start: 'first call',
    afterDeath: 'restart',
    firstNotices: () =>
      memory.segments.map((value): NoticeMessage => ({ type: 'notice', kind: 'segment', value })),
    ...options,
    errors: { ...ERRORS, ...options.errors },
  })
  return thread as MemoryThread<Calls, Notices>
}
