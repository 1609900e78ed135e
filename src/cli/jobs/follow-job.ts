import { setTimeout as wait } from 'node:timers/promises'
import { isFinished, type Job } from '../../collection/jobs/job.ts'
import { AppError } from '../../errors.ts'
import { withRetries } from '../backend/backend.ts'
import type { HttpClient } from '../backend/http-client.ts'

/** A job as the HTTP contract shows it. */
export type JobReport = Omit<Job, 'version' | 'checkpoint' | 'attempts'>

const POLL_EVERY_MS = 500

/** Starts a job, and follows it to its end. @throws as `start` and `followJob`. */
export async function runJob(
  client: HttpClient,
  start: { readonly path: readonly string[]; readonly json: object },
  signal: AbortSignal,
  onProgress: (job: JobReport) => void = () => {},
): Promise<JobReport> {
  const job = await withRetries(() => client.json({ method: 'POST', ...start }), signal)
  return await followJob(client, job as JobReport, signal, onProgress)
}

/**
 * Follows a job to its end, whatever that is.
 * @param signal cancels the job when it aborts.
 */
export async function followJob(
  client: HttpClient,
  started: JobReport,
  signal: AbortSignal,
  onProgress: (job: JobReport) => void = () => {},
): Promise<JobReport> {
  const path = ['v1', 'jobs', started.id]
  let job = started
  while (!isFinished(job)) {
    onProgress(job)
    await wait(POLL_EVERY_MS, undefined, { signal }).catch(() => undefined)
    const method = signal.aborted ? 'DELETE' : 'GET'
    // Cancelling answers with the job once it has stopped.
    job = (await withRetries(() => client.json({ method, path }))) as JobReport
  }
  return job
}

/** @throws why a job failed; CANCELLED. */
export function checkSucceeded(job: JobReport): JobReport {
  if (job.error !== null) throw new AppError(job.error.code, job.error.detail)
  if (job.state !== 'cancelled') return job
  throw new AppError('CANCELLED', `the job ${job.id} was cancelled`)
}
