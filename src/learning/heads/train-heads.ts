import type { ClassedFeatures } from '../classed-features.ts'
import type { LearningEngine } from '../learning-engine.ts'
import type { Affine } from '../learnt-layers.ts'
import type { StartName } from '../start/head-start.ts'
import {
  type HeadCheckpoint,
  type HeadProgress,
  type HeadRecipe,
  type TrainedHead,
  trainHead,
} from './train-head.ts'

export interface StartedHead extends TrainedHead {
  readonly start: StartName
}

export interface HeadsProgress extends HeadProgress {
  readonly start: StartName
  /** Which head it is, from 1, of how many. */
  readonly head: number
  readonly heads: number
}

export interface HeadsCheckpoint {
  /** Those that are trained already. */
  readonly heads: readonly StartedHead[]
  /** Of the next one. */
  readonly current: HeadCheckpoint
}

export interface HeadsOptions extends HeadRecipe {
  readonly dimensions: number
  /** Of learning, at its highest; null for one that suits the start. */
  readonly rate: number | null
  readonly seed: number
  readonly signal: AbortSignal
  readonly onProgress: (progress: HeadsProgress) => void
  /** Where an interrupted training of the same data and options was. */
  readonly from: HeadsCheckpoint | null
  /** See HeadTraining. */
  readonly onCheckpoint: (take: () => Promise<HeadsCheckpoint>) => Promise<void>
}

/**
 * What AdamW learns at. Chosen on validation classes of groceries (four splits, 27 classes to train
 * and 14 to choose by), among factors of two and three around these.
 */
const RATES = { whitened: 3e-4, identity: 3e-4, pca: 1e-3, chance: 1e-3 } as const

/** Trains the heads of one recipe, one after the other; each from a checkpoint that has it. */
export class HeadsTraining {
  readonly #options: HeadsOptions
  readonly #engine: LearningEngine
  readonly #total: number
  readonly #heads: StartedHead[] = []

  /** @param total heads that will be trained, for the progress. */
  constructor(options: HeadsOptions, total: number, engine: LearningEngine) {
    this.#options = options
    this.#total = total
    this.#engine = engine
  }

  /**
   * @param affine null for a start by chance.
   * @param validation null for a training of exactly `until` steps, with none to judge.
   */
  async train(
    { start, affine }: { readonly start: StartName; readonly affine: Affine | null },
    train: ClassedFeatures,
    validation: ClassedFeatures | null,
    until: number = this.#options.steps,
  ): Promise<StartedHead> {
    const { dimensions, rate, from, onProgress, onCheckpoint, ...recipe } = this.#options
    const heads = [...this.#heads]
    const place = { start, head: heads.length + 1, heads: this.#total }
    const training = {
      ...recipe,
      ...{ start: affine, rate: rate ?? RATES[start], until },
      dimensions: affine?.outputs ?? dimensions,
      from: from?.heads.length === heads.length ? from.current : null,
      onProgress: (progress: HeadProgress) => onProgress({ ...progress, ...place }),
      onCheckpoint: (take: () => Promise<HeadCheckpoint>) =>
        onCheckpoint(async () => ({ heads, current: await take() })),
    }
    const known = from?.heads[heads.length]
    const trained = known ?? {
      start,
      ...(await trainHead(train, validation, training, this.#engine)),
    }
    this.#heads.push(trained)
    return trained
  }
}
