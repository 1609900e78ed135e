import type { IdentityMeasures } from '../../collection/identities/identity-measures.ts'
import { AppError } from '../../errors.ts'
import { ThreadClient } from '../../threads/thread-client.ts'
import type { MeasureCalls } from './measures-thread.ts'

/** Measures in a thread of its own, which starts with the first call. Jobs bound how many wait. */
export function createMeasures(): IdentityMeasures {
  const name = 'the thread that measures identities'
  const thread = new ThreadClient<MeasureCalls>({
    // Compiled, the thread's file ends in .js.
    script: new URL('./measures-thread.js', import.meta.url),
    name,
    start: 'on demand',
    idle: 'lets process end',
    errors: {
      died: ({ reason, cause }) => new AppError('THREAD_FAILED', `${name} ${reason}`, { cause }),
      closed: () => new AppError('SHUTTING_DOWN', 'the service is stopping'),
    },
  })
  return {
    calibrate: (images, options, signal) =>
      thread.call('calibrate', { images, ...options }, { signal }),
    evaluate: (sets, signal) => thread.call('evaluate', sets, { signal }),
    close: () => thread.close(),
  }
}
