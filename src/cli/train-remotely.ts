import { setTimeout as wait } from 'node:timers/promises'
import type { Job } from '../collection/jobs/job.ts'
import { AppError } from '../errors.ts'
import type { HeadsProgress } from '../learning/heads/train-heads.ts'
import type { TrainingRecipe } from '../learning/recipe.ts'
import type { RefusedFile } from '../training/data/refused-file.ts'
import type { TrainingReport } from '../training/export/training-report.ts'
import type { TrainingDetails } from '../training/run/job-reporter.ts'
import { HttpClient } from './remote/http-client.ts'

interface RemoteTraining {
  readonly url: string
  readonly apiKey: string | null
  readonly name: string
  readonly replace: boolean
  readonly collection: string
  readonly field: string
  readonly recipe: TrainingRecipe
}

export type PointTold = Pick<HeadsProgress, 'head' | 'start' | 'step' | 'loss' | 'mapAtR'>

interface Context {
  readonly onNote: (line: string) => void
  readonly onPoint: (point: PointTold) => void
  readonly signal: AbortSignal
}

const ASK_EVERY_MS = 1000
/** More than a head has steps. */
const MANY_STEPS = 1e6

/**
 * Has a running service train on a collection, and follows its job; a signal that aborts cancels it.
 * @throws what the service says, also why its job failed; CANCELLED.
 */
export async function trainRemotely(
  { url, apiKey, recipe, ...order }: RemoteTraining,
  { onNote, onPoint, signal }: Context,
): Promise<{ readonly report: TrainingReport; readonly refused: readonly RefusedFile[] }> {
  const client = new HttpClient({ url, apiKey })
  const json = { ...membersOf(recipe), ...order }
  let job = (await client.json({ method: 'POST', path: ['v1', 'trainings'], json })) as Job
  const path = ['v1', 'jobs', job.id]
  let notesTold = 0
  let placeTold = 0
  for (;;) {
    const { notes, curve } = detailsOf(job)
    for (const note of notes.slice(notesTold)) onNote(note)
    notesTold = notes.length
    for (const point of curve) {
      const place = point.head * MANY_STEPS + point.step
      if (place <= placeTold) continue
      onPoint({ ...point, loss: point.loss ?? Number.NaN })
      placeTold = place
    }
    if (job.finishedAt !== null) break
    await wait(ASK_EVERY_MS, undefined, { signal }).catch(() => undefined)
    // Cancelling answers with the job once it has stopped.
    job = (await client.json({ method: signal.aborted ? 'DELETE' : 'GET', path })) as Job
  }
  if (job.error !== null) throw new AppError(job.error.code, job.error.detail)
  const { report } = detailsOf(job)
  if (report === null) throw new AppError('CANCELLED', 'the training of the service was cancelled')
  return { report, refused: job.failures.map(({ item: file, ...why }) => ({ file, ...why })) }
}

function detailsOf({ details }: Job): Pick<TrainingDetails, 'notes' | 'curve' | 'report'> {
  return (details as TrainingDetails | null) ?? { notes: [], curve: [], report: null }
}

/** As a request writes them. */
function membersOf({ head, ...recipe }: TrainingRecipe): Record<string, unknown> {
  const given = Object.entries(recipe).filter(([, value]) => value !== null)
  return { ...Object.fromEntries(given), head: head.kind === 'linear' ? 'linear' : head }
}
