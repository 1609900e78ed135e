import { useEffect, useState } from 'preact/hooks'
import type { Calibration, Job } from '../api/contract.ts'
import { isOver } from '../api/jobs.ts'
import { ask, collectionPath, ServiceError } from '../api/service.ts'
import { Chart } from '../parts/chart.tsx'
import { JobProgress } from '../parts/job-progress.tsx'
import { ErrorNote } from '../parts/note.tsx'
import { useAnswer } from '../parts/use-answer.ts'
import { useJob } from '../parts/use-job.ts'
import { shownCount, shownNumber, shownPercent, texts } from '../texts/texts.ts'

/** What the labelled records say about distances: thresholds, error rates and the ROC curve. */
export function CalibrationPart({ collection, done }: { collection: string; done: () => void }) {
  const [id, setId] = useState<string | null>(null)
  const [refused, setRefused] = useState<Error | null>(null)
  const [turn, setTurn] = useState(0)
  const { job, error: lost } = useJob(id)
  const over = job !== null && isOver(job)
  useEffect(() => {
    if (!over) return
    setTurn((now) => now + 1)
    done()
  }, [over])
  const { value, error } = useAnswer((signal) => readCalibration(collection, signal), [turn])
  return (
    <section class="part" aria-label={texts.people.calibration}>
      <h2>{texts.people.calibration}</h2>
      <ErrorNote error={error ?? refused ?? lost} />
      {value === 'none' && <p>{texts.people.notCalibrated}</p>}
      {value !== null && value !== 'none' && <Shown calibration={value} />}
      <button
        type="button"
        disabled={job !== null && !over}
        onClick={() =>
          ask<Job>('POST', collectionPath(collection, '/calibrate'), { body: {} }).then(
            (started) => setId(started.id),
            setRefused,
          )
        }
      >
        {texts.people.calibrate}
      </button>
      {job && <JobProgress job={job} />}
    </section>
  )
}

async function readCalibration(
  collection: string,
  signal: AbortSignal,
): Promise<Calibration | 'none'> {
  try {
    return await ask<Calibration>('GET', collectionPath(collection, '/calibration'), { signal })
  } catch (error) {
    if (error instanceof ServiceError && error.status === 404) return 'none'
    throw error
  }
}

function Shown({ calibration }: { calibration: Calibration }) {
  const { best, distances, identities } = calibration
  // Votes have the thresholds of the mean.
  const of = best === 'votes' ? 'mean-nearest' : best
  const { matches, roc } = distances[of]!
  return (
    <>
      <p>{texts.people.calibratedBy(best, shownCount(identities))}</p>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">{texts.people.falseMatches}</th>
              <th scope="col">{texts.people.threshold}</th>
              <th scope="col">{texts.people.missed}</th>
              <th scope="col">{texts.people.enough}</th>
            </tr>
          </thead>
          <tbody>
            {matches.map(({ rate, threshold, missed, enough }) => (
              <tr key={rate}>
                <td>{shownPercent(rate)} %</td>
                <td>{threshold === null ? '–' : shownNumber(threshold)}</td>
                <td>{shownPercent(missed)} %</td>
                <td>{enough ? '✓' : '–'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Chart
        title={texts.people.roc}
        across={texts.people.falseMatches}
        up={texts.people.found}
        lines={[
          {
            name: of,
            points: roc.map(({ falseMatchRate, falseNonMatchRate }) => ({
              x: falseMatchRate,
              y: 1 - falseNonMatchRate,
            })),
          },
        ]}
      />
    </>
  )
}
