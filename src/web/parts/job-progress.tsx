import type { Job } from '../api/contract.ts'
import { isOver } from '../api/jobs.ts'
import { ask } from '../api/service.ts'
import { shownCount, texts } from '../texts/texts.ts'

/** How far a job is, how it ended, and a way to cancel it. */
export function JobProgress({ job }: { job: Job }) {
  const { done, total } = job.progress
  return (
    <>
      <p>
        <span class={`badge ${job.state}`}>{texts.jobs.states[job.state]}</span>{' '}
        <progress
          aria-label={job.about}
          {...(total !== null && { max: total || 1, value: done })}
        />{' '}
        {total === null ? shownCount(done) : texts.jobs.of(shownCount(done), shownCount(total))}
      </p>
      {job.error && <p class="error">{job.error.detail}</p>}
      {!isOver(job) && (
        // What becomes of it is shown by the job itself.
        <button type="button" onClick={() => ask('DELETE', `/v1/jobs/${job.id}`).catch(() => {})}>
          {texts.jobs.cancel}
        </button>
      )}
    </>
  )
}
