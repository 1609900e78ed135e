import type { TrainingOrder } from '../../collection/trainings.ts'
import type { TrainingRecipe } from '../../learning/recipe.ts'

/** What a training was asked to do, checked; stored with its job as JSON. */
export interface TrainingInput {
  readonly name: string
  readonly replace: boolean
  /** The backbone. */
  readonly model: string
  readonly from: TrainingOrder['from']
  readonly recipe: TrainingRecipe
}
