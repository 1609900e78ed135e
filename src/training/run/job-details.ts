import type { HeadsProgress } from '../../learning/heads/train-heads.ts'
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

const MAX_POINTS = 400
const MAX_NOTES = 100

/** Adds a point; of a long curve every other is left out. */
export function withPoint(details: TrainingDetails, progress: HeadsProgress): TrainingDetails {
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

export function withNote(details: TrainingDetails, note: string): TrainingDetails {
  if (details.notes.length >= MAX_NOTES) return details
  return { ...details, notes: [...details.notes, note] }
}
