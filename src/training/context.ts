import type { Config } from '../config/config.ts'

/** Of the configuration, what a training needs. `model` is the backbone. */
export type TrainingConfig = Pick<
  Config,
  'dataFolder' | 'modelsFolder' | 'model' | 'provider' | 'maxPixels' | 'maxBodyBytes'
>
