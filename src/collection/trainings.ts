import type { Job } from './jobs/job.ts'

/** A request for a training, its recipe unchecked. */
export interface TrainingOrder {
  /** The name of the model that is made. */
  readonly name: string
  /** Whether it may replace a model of that name. */
  readonly replace: boolean
  /** The backbone; null: the collection's model, or the service's default. */
  readonly model: string | null
  readonly from:
    | { readonly kind: 'folder' | 'csv'; readonly path: string }
    | { readonly kind: 'collection'; readonly collection: string; readonly field: string }
  readonly recipe: Readonly<Record<string, unknown>>
}

export interface TrainingsUseCases {
  /**
   * Starts a training, once its order is checked as far as it can be; the job does the rest.
   * @throws INVALID_REQUEST, INVALID_NAME, TRAINING_INVALID, MODEL_EXISTS, MODEL_NOT_FOUND, IMPORT_OFF,
   * IMPORT_FOLDER_REFUSED, COLLECTION_NOT_FOUND, COLLECTION_WITHOUT_MODEL; what `JobRunner.start` throws.
   */
  start(order: TrainingOrder): Promise<Job>
}
