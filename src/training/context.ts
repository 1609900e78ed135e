import type { HeadsProgress } from '../learning/heads/train-heads.ts'
import type { EmbeddingOptions, ModelConfig } from './data/embed-files.ts'

/** The settings that a training needs. `model` is the backbone. */
export interface TrainingConfig extends ModelConfig {
  readonly dataFolder: string
}

/** Reports how a training goes, and stops it. */
export interface TrainingContext extends Pick<EmbeddingOptions, 'startProgress' | 'embed'> {
  /** Takes a line for people. */
  readonly onNote: (line: string) => void
  readonly onProgress: (progress: HeadsProgress) => void
  /** Is called when a checkpoint is on the disk. */
  readonly onCheckpoint?: () => void
  /** Is called with the file in which features are kept for the next training. */
  readonly onFeatureFile?: (file: string) => void
  readonly signal: AbortSignal
}
