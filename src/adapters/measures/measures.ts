import type { IdentityMeasures } from '../../collection/identities/identity-measures.ts'
import { AppError } from '../../errors.ts'
import { ThreadClient } from '../../threads/thread-client.ts'
import type { MeasureCalls } from './measures-thread.ts'

/** Measurements that may wait, of jobs or of requests. */
const MAX_CALLS = 64

/** Measures in a thread of its own, which starts with the first call. One more than MAX_CALLS is QUEUE_FULL. */
export function createMeasures(name: string): IdentityMeasures {
  const thread = new ThreadClient<MeasureCalls>({
    // Compiled, the thread's file ends in .js.
    script: new URL('./measures-thread.js', import.meta.url),
    name,
    start: 'on demand',
    idle: 'lets process end',
    maxCalls: MAX_CALLS,
    errors: {
      died: ({ reason, cause }) => new AppError('THREAD_FAILED', `${name} ${reason}`, { cause }),
      closed: () => new AppError('SHUTTING_DOWN', 'the service is stopping'),
    },
  })
  return {
    calibrate: (images, options, signal) =>
      thread.call('calibrate', { images, ...options }, { signal }),
    cluster: (images, signal) => thread.call('cluster', images, { signal }),
    evaluate: (sets, signal) => thread.call('evaluate', sets, { signal }),
    close: () => thread.close(),
  }
}
