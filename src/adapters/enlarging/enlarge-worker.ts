import { parentPort } from 'node:worker_threads'
import { enlarge } from '../../image/enlarge.ts'
import type { EnlargeJob, EnlargeResult } from './enlarge-messages.ts'

parentPort!.on('message', ({ job, parameters }: EnlargeJob) => {
  const pixels = enlarge(...parameters)
  parentPort!.postMessage({ job, pixels } satisfies EnlargeResult, [pixels.buffer])
})
