import type { Config } from '../config/config.ts'
import type { HeadsProgress } from '../learning/heads/train-heads.ts'
import type { EmbeddingOptions, EmbedImage } from './data/embed-files.ts'

/** The settings that a training needs. `model` is the backbone. */
export type TrainingConfig = Pick<
  Config,
  'dataFolder' | 'modelsFolder' | 'model' | 'provider' | 'maxPixels' | 'maxBodyBytes'
>

/** Reports how a training goes, and stops it. */
export interface TrainingContext {
  /** Takes a line for people. */
  readonly onNote: (line: string) => void
  readonly onProgress: (progress: HeadsProgress) => void
  readonly startProgress: EmbeddingOptions['startProgress']
  /** Embeds the images; without it the configured model is opened for this. */
  readonly embed?: EmbedImage
  /** Is called when a checkpoint is on the disk. */
  readonly onCheckpoint?: () => void
  readonly signal: AbortSignal
}
