import type { ClassedFeatures } from '../classed-features.ts'
import type { Affine } from '../feature-transform.ts'
import type { LearningEngine } from '../learning-engine.ts'
import type { TrainingRecipe } from '../recipe.ts'
import type { StartName } from '../start/head-start.ts'
import {
  type HeadCheckpoint,
  type HeadProgress,
  type HeadTraining,
  type TrainedHead,
  trainHead,
} from './train-head.ts'

export interface StartedHead extends TrainedHead {
  readonly start: StartName
}

export interface HeadsProgress extends HeadProgress {
  readonly start: StartName
  /** The number of the head, from 1. */
  readonly head: number
  readonly heads: number
}

/** The heads that are trained, and the state of the next one. Its members are stored on disk. */
export interface HeadsCheckpoint {
  readonly heads: readonly StartedHead[]
  readonly current: HeadCheckpoint
}

export interface HeadsOptions extends TrainingRecipe {
  readonly signal: AbortSignal
  readonly onProgress: (progress: HeadsProgress) => void
  /** The state of an interrupted training of the same data and options. */
  readonly resumeFrom: HeadsCheckpoint | null
  /** See HeadTraining. */
  readonly onCheckpoint: (take: () => Promise<HeadsCheckpoint>) => Promise<void>
}

// Chosen for AdamW on validation classes of groceries (four splits, 27 classes to train and 14 to
// choose by), among factors of two and three around these.
const RATES = { inner: 3e-4, whitened: 3e-4, identity: 3e-4, pca: 1e-3, chance: 1e-3 } as const

/**
 * Trains the heads of one recipe, one after the other; a checkpoint that has one gives it as it is.
 * @param total heads that will be trained, for the progress.
 * @returns what trains the next one: without validation, for exactly `until` steps.
 */
export function headsTraining(options: HeadsOptions, total: number, engine: LearningEngine) {
  const { dimensions, rate, resumeFrom, onProgress, onCheckpoint, ...recipe } = options
  const trained: StartedHead[] = []
  return async (
    start: StartName,
    affine: Affine | null,
    train: ClassedFeatures,
    validation: ClassedFeatures | null,
    until: number = options.steps,
  ): Promise<StartedHead> => {
    const heads = [...trained]
    const training: HeadTraining = {
      ...recipe,
      dimensions: affine?.outputs ?? dimensions,
      rate: rate ?? RATES[start],
      start: affine,
      until,
      resumeFrom: resumeFrom?.heads.length === heads.length ? resumeFrom.current : null,
      onProgress: (progress) =>
        onProgress({ ...progress, start, head: heads.length + 1, heads: total }),
      onCheckpoint: (take) => onCheckpoint(async () => ({ heads, current: await take() })),
    }
    const head =
      resumeFrom?.heads[heads.length] ??
      startedHead(start, await trainHead(train, validation, training, engine))
    trained.push(head)
    return head
  }
}

function startedHead(start: StartName, head: TrainedHead): StartedHead {
  if (start !== 'inner') return { start, ...head }
  return { start, ...head, layers: { ...head.layers, readsInner: true } }
}
