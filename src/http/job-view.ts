import type { Job } from '../collection/jobs/job.ts'

/** A job as callers see it. */
export function jobView(job: Job) {
  const { version: _, checkpoint: __, attempts: ___, ...view } = job
  return { ...view, details: view.details as Record<string, unknown> | null }
}
