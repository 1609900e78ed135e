import { AppError } from '../errors.ts'
import { ThreadClient } from '../threads/thread-client.ts'

/**
 * Gives a thread that starts with its first call, and lets the process end while none waits.
 * @param maxCalls the most calls that may wait for it; left out, any number.
 */
export function onDemandThread<Calls>(
  script: URL,
  name: string,
  maxCalls?: number,
): ThreadClient<Calls> {
  return new ThreadClient<Calls>({
    script,
    name,
    start: 'on demand',
    idle: 'lets process end',
    ...(maxCalls !== undefined && { maxCalls }),
    errors: {
      died: ({ reason, cause }) => new AppError('THREAD_FAILED', `${name} ${reason}`, { cause }),
      closed: () => new AppError('SHUTTING_DOWN', 'the service is stopping'),
    },
  })
}
