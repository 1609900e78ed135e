import type { HeadsProgress } from '../../learning/train-heads.ts'
import type { EmbeddingProgress } from '../data/embed-files.ts'
import type { TrainedModel, TrainRequest } from './train-model.ts'
import type { TrainingConfig } from './training-config.ts'

/** The calls of a training's thread. */
export type TrainingCalls = {
  train: {
    args: {
      readonly request: TrainRequest
      readonly config: TrainingConfig
      /** Whether images are embedded by whoever started the thread. */
      readonly embedsOutside: boolean
      /** Gives way to all other threads of the machine, where it can. */
      readonly givesWay: boolean
    }
    result: TrainedModel
  }
}

/** `abort` makes the thread write its checkpoint, and fail with CANCELLED. */
export type TrainingNotices = { abort: null }

/** The thread's calls while it trains, from the bytes of an image to its vector. */
export type EmbedCalls = { embed: { args: Uint8Array; result: Float32Array } }

/** See `TrainSurroundings`. */
export type ProgressNotices = {
  say: string
  heads: HeadsProgress
  checkpoint: null
  /** The number of images. */
  images: number
  /** Null once all are done. */
  imagesDone: Parameters<EmbeddingProgress['update']>[0] | null
}
