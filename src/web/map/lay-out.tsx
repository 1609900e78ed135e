import { useEffect, useState } from 'preact/hooks'
import type { Job } from '../api/contract.ts'
import { isOver } from '../api/jobs.ts'
import { ask, collectionPath } from '../api/service.ts'
import { JobProgress } from '../parts/job-progress.tsx'
import { ErrorNote } from '../parts/note.tsx'
import { useJob } from '../parts/use-job.ts'
import { texts } from '../texts/texts.ts'

/** Has the collection laid out by its neighbourhoods, as a job. */
export function LayOut({ collection, done }: { collection: string; done: () => void }) {
  const [id, setId] = useState<string | null>(null)
  const [refused, setRefused] = useState<Error | null>(null)
  const { job, error } = useJob(id)
  const over = job !== null && isOver(job)
  useEffect(() => {
    if (over) done()
  }, [over])
  const begin = () => {
    setRefused(null)
    const started = ask<Job>('POST', collectionPath(collection, '/map'))
    started.then((found) => setId(found.id), setRefused)
  }
  return (
    <>
      <p>
        <button type="button" disabled={job !== null && !over} onClick={begin}>
          {texts.map.layOut}
        </button>
      </p>
      <ErrorNote error={refused ?? error} />
      {job && <JobProgress job={job} />}
    </>
  )
}
