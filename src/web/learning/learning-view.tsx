import { useState } from 'preact/hooks'
import type { Collection, Job, TrainingDetails } from '../api/contract.ts'
import { ask, collectionPath } from '../api/service.ts'
import { Chart, type Line } from '../parts/chart.tsx'
import { CollectionChoice, useCollections } from '../parts/collection-choice.tsx'
import { JobProgress } from '../parts/job-progress.tsx'
import { ErrorNote, Loading } from '../parts/note.tsx'
import { useJob } from '../parts/use-job.ts'
import { linkTo, type Route } from '../route.ts'
import { texts } from '../texts/texts.ts'
import { ComparisonTable } from './comparison-table.tsx'
import { TrainingForm } from './training-form.tsx'

/** Trains a head on a labelled collection, shows how it goes, and moves the collection to it. */
export function LearningView({ route: { collection, parameters } }: { route: Route }) {
  const { value, error, loading } = useCollections()
  const chosen = value?.find(({ name }) => name === collection)
  return (
    <>
      <h1>{texts.views.learning}</h1>
      <p>{texts.learning.explain}</p>
      <ErrorNote error={error} />
      {loading && value === null && <Loading />}
      {value && <CollectionChoice collections={value} chosen={collection} view="learning" />}
      {chosen && (
        <TrainingForm
          key={chosen.name}
          collection={chosen}
          started={({ id }) => location.assign(linkTo('learning', chosen.name, { job: id }))}
        />
      )}
      {chosen && parameters.job && <Training collection={chosen} id={parameters.job} />}
    </>
  )
}

function Training({ collection, id }: { collection: Collection; id: string }) {
  const { job, error } = useJob(id)
  const [move, setMove] = useState<string | null>(null)
  const [refused, setRefused] = useState<Error | null>(null)
  const moving = useJob(move)
  if (job === null) return <ErrorNote error={error} />
  const details = job.details as unknown as TrainingDetails | null
  const report = details?.report ?? null
  return (
    <section class="part" aria-label={job.about}>
      <h2>{job.about}</h2>
      <JobProgress job={job} />
      {details && (
        <div class="compare">
          <Chart
            title={texts.learning.lossCurve}
            across={texts.learning.steps}
            up={texts.learning.loss}
            lines={linesOf(details, ({ loss }) => loss)}
          />
          <Chart
            title={texts.learning.mapCurve}
            across={texts.learning.steps}
            up="MAP@R"
            lines={linesOf(details, ({ mapAtR }) => mapAtR)}
          />
        </div>
      )}
      {report && (
        <>
          <ComparisonTable test={report.test} />
          <button
            type="button"
            disabled={moving.job !== null}
            onClick={() =>
              ask<Job>('POST', collectionPath(collection.name, '/reembed'), {
                body: { model: report.model, from: 'vectors' },
              }).then((started) => setMove(started.id), setRefused)
            }
          >
            {texts.learning.use}
          </button>
        </>
      )}
      <ErrorNote error={error ?? refused ?? moving.error} />
      {moving.job && <JobProgress job={moving.job} />}
      {moving.job?.state === 'succeeded' && <p role="status">{texts.learning.used}</p>}
    </section>
  )
}

/** One line for each head; what is no number is left out. */
function linesOf(
  { curve }: TrainingDetails,
  of: (point: TrainingDetails['curve'][number]) => number | null,
): Line[] {
  const heads = Map.groupBy(curve, ({ head }) => head)
  return [...heads.values()].map((points) => ({
    name: `${points[0]!.head}: ${points[0]!.start}`,
    points: points.flatMap((point) => {
      const y = of(point)
      return y === null ? [] : [{ x: point.step, y }]
    }),
  }))
}
