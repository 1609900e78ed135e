import { useEffect } from 'preact/hooks'
import { isOver } from '../api/jobs.ts'
import { JobProgress } from '../parts/job-progress.tsx'
import { ErrorNote } from '../parts/note.tsx'
import { useJob } from '../parts/use-job.ts'
import { linkTo, type Route } from '../route.ts'
import { texts } from '../texts/texts.ts'
import { useExamples } from './use-examples.ts'
import { Welcome } from './welcome.tsx'

/** Waits for the shipped pictures, and then searches by one of them. The job is in the address, so that the page may be loaded anew. */
export function WelcomeView({ route: { parameters } }: { route: Route }) {
  const { job, error } = useJob(parameters.job ?? null)
  const { value: examples } = useExamples()
  const added = job?.state === 'succeeded'
  useEffect(() => {
    if (!added || examples === null) return
    const { collection, first } = examples
    const search = { more: JSON.stringify([first]), first: 'yes' }
    location.replace(linkTo('search', collection, search))
  }, [added, examples])
  const failed = error !== null || (job !== null && isOver(job) && !added)
  return (
    <>
      <h1>{texts.views.welcome}</h1>
      {job !== null && (
        <section aria-label={texts.welcome.examples}>
          {!isOver(job) && <p>{texts.welcome.adding}</p>}
          <JobProgress job={job} />
        </section>
      )}
      <ErrorNote error={error} />
      {(failed || parameters.job === undefined) && <Welcome />}
    </>
  )
}
