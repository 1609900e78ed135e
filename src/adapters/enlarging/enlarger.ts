import { AppError } from '../../errors.ts'
import type { enlarge } from '../../image/enlarge.ts'
import { ThreadClient } from '../../threads/thread-client.ts'
import type { EnlargeCalls } from './enlarge-thread.ts'

// Compiled, the thread's file ends in .js.
const SCRIPT = new URL('./enlarge-thread.js', import.meta.url)

/**
 * Enlarges small images off the main thread, in one thread that starts with the first of them and
 * keeps no process alive while it has nothing to do.
 * Whoever calls bounds how many wait.
 */
export class Enlarger {
  readonly #thread: ThreadClient<EnlargeCalls>

  /** @param script of the thread; a test may give one that dies. */
  constructor(script: URL = SCRIPT) {
    const name = 'the thread that enlarges pictures'
    this.#thread = new ThreadClient<EnlargeCalls>({
      script,
      name,
      start: 'first call',
      afterDeath: 'restart',
      idle: 'lets process end',
      errors: {
        died: ({ cause }) => new AppError('THREAD_FAILED', `${name} ended`, { cause }),
        closed: () => new AppError('SHUTTING_DOWN', 'the decoder is closed'),
      },
    })
  }

  /** As `enlarge`. @throws THREAD_FAILED when the thread dies, SHUTTING_DOWN after `close`. */
  enlarge(...parameters: Parameters<typeof enlarge>): Promise<Uint8Array> {
    return this.#thread.call('enlarge', parameters)
  }

  close(): Promise<void> {
    return this.#thread.close()
  }
}
