import type { IdentityMeasures } from '../../collection/identities/identity-measures.ts'
import { onDemandThread } from '../on-demand-thread.ts'
import type { MeasureCalls } from './measures-thread.ts'

/** Measurements that may wait, of jobs or of requests. */
const MAX_CALLS = 64

/** Measures in a thread of its own, which starts with the first call. One more than MAX_CALLS is QUEUE_FULL. */
export function createMeasures(name: string): IdentityMeasures {
  // Compiled, the thread's file ends in .js.
  const script = new URL('./measures-thread.js', import.meta.url)
  const thread = onDemandThread<MeasureCalls>(script, name, MAX_CALLS)
  return {
    calibrate: (images, options, signal) =>
      thread.call('calibrate', { images, ...options }, { signal }),
    cluster: (images, signal) => thread.call('cluster', images, { signal }),
    evaluate: (sets, signal) => thread.call('evaluate', sets, { signal }),
    close: () => thread.close(),
  }
}
