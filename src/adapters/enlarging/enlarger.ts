import { AppError } from '../../errors.ts'
import { ThreadClient } from '../../threads/thread-client.ts'
import type { EnlargeCalls } from './enlarge-thread.ts'

// Compiled, the thread's file ends in .js.
const SCRIPT = new URL('./enlarge-thread.js', import.meta.url)

/**
 * Makes the client of the thread that enlarges small images, which starts with the first of them and keeps no process
 * alive while it has nothing to do. Whoever calls bounds how many wait. Calls throw THREAD_FAILED when the thread dies,
 * SHUTTING_DOWN after `close`.
 * @param script of the thread; a test may give one that dies.
 */
export function openEnlarger(script: URL = SCRIPT): ThreadClient<EnlargeCalls> {
  const name = 'the thread that enlarges pictures'
  return new ThreadClient<EnlargeCalls>({
    script,
    name,
    start: 'on demand',
    idle: 'lets process end',
    errors: {
      died: ({ reason, cause }) => new AppError('THREAD_FAILED', `${name} ${reason}`, { cause }),
      closed: () => new AppError('SHUTTING_DOWN', 'the decoder is closed'),
    },
  })
}
