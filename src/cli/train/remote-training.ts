import { setTimeout as wait } from 'node:timers/promises'
import type { Job } from '../../collection/jobs/job.ts'
import { AppError } from '../../errors.ts'
import type { HeadsProgress } from '../../learning/heads/train-heads.ts'
import type { TrainingRecipe } from '../../learning/recipe.ts'
import { NO_DETAILS, type TrainingDetails } from '../../training/run/job-reporter.ts'
import { HttpClient } from '../backend/http-client.ts'
import { notify } from '../terminal.ts'

export type TrainedPoint = Pick<HeadsProgress, 'head' | 'start' | 'step' | 'loss' | 'mapAtR'>

const POLL_EVERY_MS = 1000
/** More than a head has steps. */
const MANY_STEPS = 1e6

/**
 * Has a running service train on a collection, and follows its job; a signal that aborts cancels it.
 * @throws what the service answers, also why its job failed; CANCELLED.
 */
export async function trainRemotely(
  service: { readonly url: string; readonly apiKey: string | null },
  recipe: TrainingRecipe,
  request: { name: string; replace: boolean; collection: string; field: string },
  onPoint: (point: TrainedPoint) => void,
  signal: AbortSignal,
) {
  const client = new HttpClient({ ...service, scope: 'write' })
  const json = { ...membersOf(recipe), ...request }
  let job = (await client.json({ method: 'POST', path: ['v1', 'trainings'], json })) as Job
  const path = ['v1', 'jobs', job.id]
  let notesShown = 0
  let lastPlace = 0
  for (;;) {
    const { notes, curve } = detailsOf(job)
    for (const note of notes.slice(notesShown)) notify(note)
    notesShown = notes.length
    for (const point of curve) {
      const place = point.head * MANY_STEPS + point.step
      if (place <= lastPlace) continue
      onPoint({ ...point, loss: point.loss ?? Number.NaN })
      lastPlace = place
    }
    if (job.finishedAt !== null) break
    await wait(POLL_EVERY_MS, undefined, { signal }).catch(() => undefined)
    // Cancelling answers with the job once it has stopped.
    job = (await client.json({ method: signal.aborted ? 'DELETE' : 'GET', path })) as Job
  }
  if (job.error !== null) throw new AppError(job.error.code, job.error.detail)
  const { report } = detailsOf(job)
  if (report === null) throw new AppError('CANCELLED', 'the training of the service was cancelled')
  return { report, refused: job.failures.map(({ item: file, ...why }) => ({ file, ...why })) }
}

function detailsOf({ details }: Job): TrainingDetails {
  return (details as TrainingDetails | null) ?? NO_DETAILS
}

/** Gives a recipe as a request writes it. */
function membersOf({ head, ...recipe }: TrainingRecipe) {
  const chosen = Object.entries(recipe).filter(([, value]) => value !== null)
  return { ...Object.fromEntries(chosen), head: head.kind === 'linear' ? 'linear' : head }
}
