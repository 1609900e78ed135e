import type { CollectionSpec } from '../../engine/collection-spec.ts'
import { AppError } from '../../errors.ts'

/**
 * Checks that distances between the vectors of two collections mean something. Of a collection without a model its user
 * knows where the vectors come from. @throws COLLECTIONS_NOT_COMPARABLE.
 */
export function checkComparable(one: CollectionSpec, other: CollectionSpec): void {
  const isOtherModel = one.model !== null && other.model !== null && one.model !== other.model
  const isSameSpace = one.metric === other.metric && one.dimensions === other.dimensions
  if (isSameSpace && !isOtherModel) return
  const described = ({ name, metric, dimensions, model }: CollectionSpec) =>
    `${name} has ${metric}, ${dimensions} dimensions and ${model === null ? 'no model' : `model ${model}`}`
  throw new AppError(
    'COLLECTIONS_NOT_COMPARABLE',
    `expected two collections of the same metric, dimensions and model: ${described(one)}, ${described(other)}`,
  )
}
