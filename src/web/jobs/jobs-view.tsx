import { useEffect, useState } from 'preact/hooks'
import type { Job } from '../api/contract.ts'
import { isOver, watchJob } from '../api/jobs.ts'
import { ask } from '../api/service.ts'
import { ErrorNote, Loading } from '../parts/note.tsx'
import { useAnswer } from '../parts/use-answer.ts'
import { shownCount, texts } from '../texts/texts.ts'

/** Milliseconds after which the list is asked for again: a job may have begun elsewhere. */
const REFRESH_MS = 5000

export function JobsView() {
  const [turn, setTurn] = useState(0)
  const { value, error } = useAnswer(
    async (signal) => (await ask<{ jobs: Job[] }>('GET', '/v1/jobs', { signal })).jobs,
    [turn],
  )
  useEffect(() => {
    const timer = setInterval(() => setTurn((now) => now + 1), REFRESH_MS)
    return () => clearInterval(timer)
  }, [])
  return (
    <>
      <h1>{texts.jobs.title}</h1>
      <ErrorNote error={error} again={() => setTurn(turn + 1)} />
      {value === null && error === null && <Loading />}
      {value?.length === 0 && <p>{texts.jobs.none}</p>}
      <ul class="cards">
        {value?.map((job) => (
          <JobCard key={job.id} job={job} />
        ))}
      </ul>
    </>
  )
}

/** A job, with its progress as it comes. */
function JobCard({ job: first }: { job: Job }) {
  const [watched, setWatched] = useState(first)
  const [error, setError] = useState<Error | null>(null)
  const over = isOver(first)
  useEffect(() => {
    if (over) return
    const gone = new AbortController()
    const watch = async () => {
      for await (const now of watchJob(first.id, gone.signal)) setWatched(now)
    }
    watch().catch((thrown) => {
      if (!gone.signal.aborted) setError(thrown)
    })
    return () => gone.abort()
  }, [first.id, over])
  const job = over ? first : watched
  const { done, total } = job.progress
  return (
    <li>
      <h2>{job.about}</h2>
      <p>
        {job.collection} <span class={`badge ${job.state}`}>{texts.jobs.states[job.state]}</span>
      </p>
      <p>
        <progress aria-label={job.about} {...(total !== null && { max: total, value: done })} />{' '}
        {total === null ? shownCount(done) : texts.jobs.of(shownCount(done), shownCount(total))}
      </p>
      {job.error && <p class="error">{job.error.detail}</p>}
      <ErrorNote error={error} />
      {!isOver(job) && (
        <button type="button" onClick={() => ask('DELETE', `/v1/jobs/${job.id}`).catch(setError)}>
          {texts.jobs.cancel}
        </button>
      )}
    </li>
  )
}
