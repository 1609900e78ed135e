import type { RowProducts } from '../vector/row-matrix.ts'
import type { OpenTrainer } from './head-trainer.ts'

/** What does the large work of learning. */
export interface LearningEngine {
  readonly open: OpenTrainer
  readonly products: RowProducts
}
