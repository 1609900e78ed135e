import type { ErrorCode, InputIssue } from '../../errors.ts'
import type { HeadsProgress } from '../../learning/heads/train-heads.ts'
import type { TrainingConfig } from '../context.ts'
import type { EmbeddingProgress } from '../data/embed-files.ts'
import type { TrainedModel, TrainRequest } from './train-model.ts'

/** `workerData` of a training's thread. */
export interface TrainingThreadStart {
  readonly request: TrainRequest
  readonly config: TrainingConfig
  /** Whether pictures are embedded by whoever started the thread. */
  readonly embedsOutside: boolean
  /** Gives way to all other threads of the machine, where it can. */
  readonly givesWay: boolean
}

/** An error on its way between threads; `code` is null for an unexpected one. */
export interface SentError {
  readonly code: ErrorCode | null
  readonly message: string
  readonly issues: readonly InputIssue[]
}

export type ToTrainingThread =
  | { readonly kind: 'abort' }
  | { readonly kind: 'embedded'; readonly call: number; readonly vector: Float32Array }
  | { readonly kind: 'not embedded'; readonly call: number; readonly error: SentError }

export type FromTrainingThread =
  | { readonly kind: 'say'; readonly line: string }
  | { readonly kind: 'heads'; readonly progress: HeadsProgress }
  | { readonly kind: 'checkpoint' }
  | { readonly kind: 'images'; readonly total: number }
  | {
      readonly kind: 'images done'
      readonly counts: Parameters<EmbeddingProgress['update']>[0] | null
    }
  | { readonly kind: 'embed'; readonly call: number; readonly bytes: Uint8Array }
  | { readonly kind: 'trained'; readonly model: TrainedModel }
  | { readonly kind: 'failed'; readonly error: SentError }
