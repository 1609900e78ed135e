import type { Job } from '../../engine/job-store.ts'
import { AppError } from '../../errors.ts'

export type { Job } from '../../engine/job-store.ts'

const MAX_FAILURES = 100
const MAX_TEXT_LENGTH = 300

export function isFinished({ state }: Pick<Job, 'state'>): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled'
}

/** Counts one more item of a job as done. */
export function withCount(job: Job, name: string): Job {
  const { done, counts } = job.progress
  const count = (Object.hasOwn(counts, name) ? counts[name]! : 0) + 1
  return {
    ...job,
    progress: { ...job.progress, done: done + 1, counts: { ...counts, [name]: count } },
  }
}

export function withFailure(job: Job, item: string, { code, message }: AppError): Job {
  if (job.failures.length >= MAX_FAILURES) {
    return { ...job, failuresOmitted: job.failuresOmitted + 1 }
  }
  const failure = { item: shortened(item), code, detail: shortened(message) }
  return { ...job, failures: [...job.failures, failure] }
}

/** Gives the part of a job's failure that callers may read: anything unexpected stays in the log. */
export function errorOf(error: unknown): NonNullable<Job['error']> {
  if (error instanceof AppError) return { code: error.code, detail: shortened(error.message) }
  return { code: 'INTERNAL_ERROR', detail: 'the job failed; the log has the cause' }
}

function shortened(text: string): string {
  return text.slice(0, MAX_TEXT_LENGTH)
}
