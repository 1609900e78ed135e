import { AppError } from '../../../errors.ts'
import type { BlockMemory } from '../../../kernels/block-memory.ts'
import type { NoticeMessage } from '../../../threads/call-table.ts'
import { ThreadClient } from '../../../threads/thread-client.ts'
import type { ThreadErrors, ThreadOptions } from '../../../threads/thread-options.ts'

/**
 * Makes the errors of a thread: THREAD_FAILED, by which callers know that it may have lost what it held, and SHUTTING_DOWN
 * after `close`.
 */
function errorsOf(name: string): Partial<ThreadErrors> {
  return {
    died: ({ reason, cause }) => new AppError('THREAD_FAILED', `${name} ${reason}`, { cause }),
    closed: () => new AppError('SHUTTING_DOWN', `${name} is closed`),
    failed(kind, cause) {
      const message = `${name} failed to ${kind}: ${cause.message}`
      return new AppError('THREAD_FAILED', message, { cause })
    },
  }
}

/**
 * Makes the client of a thread that shares the block memory, which has a notice `segment` of every segment before a
 * block of it is used. When the thread dies its calls fail with THREAD_FAILED, and it is started again. It starts with
 * its first call, unless `options` differ.
 * @param name for messages: `the graph thread`.
 */
export function memoryClient<Calls, Notices = unknown>(
  name: string,
  script: URL,
  memory: BlockMemory,
  options: Partial<ThreadOptions> = {},
): ThreadClient<Calls, Notices> {
  let thread: ThreadClient<Calls, Notices> | null = null
  memory.onSegment((segment) => thread?.send(segmentNotice(segment)))
  thread = new ThreadClient<Calls, Notices>({
    script,
    name,
    start: 'on demand',
    firstNotices: () => memory.segments.map(segmentNotice),
    ...options,
    errors: { ...errorsOf(name), ...options.errors },
  })
  return thread
}

function segmentNotice(value: WebAssembly.Memory): NoticeMessage {
  return { type: 'notice', kind: 'segment', value }
}
