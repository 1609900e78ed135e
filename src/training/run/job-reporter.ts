import type { JobRun } from '../../collection/jobs/job-kind.ts'
import type { HeadsProgress } from '../../learning/heads/train-heads.ts'
import type { TrainingContext } from '../context.ts'
import { imagesDone } from '../data/image-counts.ts'
import type { TrainingReport } from '../export/training-report.ts'

/** The details that the job of a training shows and stores. */
export interface TrainingDetails {
  /** `progress` counts images, then steps. */
  readonly stage: 'images' | 'training' | 'done'
  readonly curve: readonly CurvePoint[]
  /** The lines that the command line shows. */
  readonly notes: readonly string[]
  readonly report: TrainingReport | null
}

type CurvePoint = Pick<HeadsProgress, 'head' | 'start' | 'step' | 'mapAtR'> & {
  /** Null for one that is no number. */
  readonly loss: number | null
}

export const NO_DETAILS: TrainingDetails = { stage: 'images', curve: [], notes: [], report: null }

/** Images between two saves of the progress; the cache of features has them already. */
const SAVE_EVERY_IMAGES = 256
const MAX_POINTS = 400
const MAX_NOTES = 100

/** Reports to a job how its training goes. */
export function jobReporter(run: JobRun) {
  let details = (run.details as TrainingDetails | null) ?? NO_DETAILS
  let saved: Promise<void> = Promise.resolve()
  const report = (changed: TrainingDetails) => {
    details = changed
    run.report(details)
  }
  const save = () => {
    saved = saved.then(() => run.save('under way'))
    // Thrown where it is awaited, at the end.
    saved.catch(() => undefined)
  }
  const context: Omit<TrainingContext, 'embed' | 'signal'> = {
    onNote: (line) => report(withNote(details, line)),
    onProgress: (progress) => {
      const { head, heads, step, steps } = progress
      run.at((head - 1) * steps + step, heads * steps)
      report(withPoint(details, progress))
    },
    startProgress: (total) => {
      let savedAt = 0
      return {
        update: (counts) => {
          const done = imagesDone(counts)
          run.at(done, total)
          if (done - savedAt < SAVE_EVERY_IMAGES) return
          savedAt = done
          save()
        },
        stop() {},
      }
    },
    onCheckpoint: save,
  }
  return {
    context,
    async done(result: TrainingReport): Promise<void> {
      report({ ...details, stage: 'done', report: result })
      await saved
    },
  }
}

/** Adds a point; of a long curve every other is left out. */
function withPoint(details: TrainingDetails, progress: HeadsProgress): TrainingDetails {
  const { head, start, step, loss, mapAtR } = progress
  const finite = (value: number) => (Number.isFinite(value) ? value : null)
  const point = { head, start, step, loss: finite(loss), mapAtR: finite(mapAtR ?? Number.NaN) }
  // A training that is resumed from a checkpoint gives the last points again.
  const before = details.curve.filter(
    (one) => one.head < head || (one.head === head && one.step < step),
  )
  const kept = before.length < MAX_POINTS ? before : before.filter((_, i) => i % 2 === 0)
  return { ...details, stage: 'training', curve: [...kept, point] }
}

function withNote(details: TrainingDetails, note: string): TrainingDetails {
  if (details.notes.length >= MAX_NOTES) return details
  return { ...details, notes: [...details.notes, note] }
}
