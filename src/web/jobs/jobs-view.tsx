import { useEffect, useState } from 'preact/hooks'
import type { Job } from '../api/contract.ts'
import { isOver } from '../api/jobs.ts'
import { ask } from '../api/service.ts'
import { JobProgress } from '../parts/job-progress.tsx'
import { ErrorNote, Loading } from '../parts/note.tsx'
import { useAnswer } from '../parts/use-answer.ts'
import { useJob } from '../parts/use-job.ts'
import { texts } from '../texts/texts.ts'

/** Milliseconds after which the list is asked for again: a job may have begun elsewhere. */
const REFRESH_MS = 5000
/** The jobs whose events are watched; the service lets 64 be watched in all. */
const WATCHED = 4

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
  const watched = value?.filter((job) => !isOver(job)).slice(0, WATCHED) ?? []
  return (
    <>
      <h1>{texts.jobs.title}</h1>
      <ErrorNote error={error} again={() => setTurn(turn + 1)} />
      {value === null && error === null && <Loading />}
      {value?.length === 0 && <p>{texts.jobs.none}</p>}
      <ul class="cards">
        {value?.map((job) => (
          <JobCard key={job.id} job={job} watch={watched.includes(job)} />
        ))}
      </ul>
    </>
  )
}

function JobCard({ job: listed, watch }: { job: Job; watch: boolean }) {
  const { job, error } = useJob(watch ? listed.id : null)
  return (
    <li>
      <h2>{listed.about}</h2>
      <p>{listed.collection}</p>
      <JobProgress job={job ?? listed} />
      <ErrorNote error={error} />
    </li>
  )
}
