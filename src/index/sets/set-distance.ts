import { distanceFromSquared, type SpaceKind } from '../../vector/space.ts'
import { squaredEuclidean } from '../../vector/squared-euclidean.ts'
import { templateOf } from '../../vector/template.ts'
import { NO_CHECK } from '../metric/search.ts'

/**
 * The ways in which a set of views is compared with a set of rows. `nearest`: the least distance of a view to a row.
 * `mean-nearest`: the mean over the views of the distance to the nearest row. `hausdorff`: the largest over both sets of
 * the distance to the nearest of the other. `template`: the distance of the templates of both (vector/template.ts). `votes`:
 * as `mean-nearest`, but sets come in the order of the number of views whose nearest set they are.
 */
export const SET_DISTANCES = ['nearest', 'mean-nearest', 'hausdorff', 'template', 'votes'] as const
export type SetDistance = (typeof SET_DISTANCES)[number]

type Vectors = readonly Float32Array[]

/** All pairs of two sets, measured in the canonical arithmetic. */
export interface SetComparison {
  /** The squared distance of each view to its nearest row, and that row, the first of those that tie. */
  readonly ofViews: readonly { readonly row: number; readonly squared: number }[]
  /** The squared distance of each row to its nearest view. */
  readonly ofRows: Float64Array
}

/**
 * @param views at least one, as are `rows`.
 * @param check is called before each view, and ends the comparison by what it throws.
 */
export function compareSets(
  views: Vectors,
  rows: Vectors,
  check: () => void = NO_CHECK,
): SetComparison {
  const ofRows = new Float64Array(rows.length).fill(Number.POSITIVE_INFINITY)
  const ofViews = views.map((view) => {
    check()
    let nearest = 0
    let least = Number.POSITIVE_INFINITY
    for (let i = 0; i < rows.length; i++) {
      const squared = squaredEuclidean(view, rows[i]!)
      ofRows[i] = Math.min(ofRows[i]!, squared)
      if (squared >= least) continue
      nearest = i
      least = squared
    }
    return { row: nearest, squared: least }
  })
  return { ofViews, ofRows }
}

/** Gives the squared Hausdorff distance of two sets that were compared. */
function hausdorffSquared({ ofViews, ofRows }: SetComparison): number {
  let worst = Math.max(...ofRows)
  for (const { squared } of ofViews) worst = Math.max(worst, squared)
  return worst
}

/** Gives the published distance of two sets. */
export function distanceOfSets(
  distance: Exclude<SetDistance, 'votes'>,
  views: Vectors,
  rows: Vectors,
  space: SpaceKind,
): number {
  const published = (squared: number) => distanceFromSquared(space, squared)
  if (distance === 'template') {
    return published(squaredEuclidean(templateOf(views, space), templateOf(rows, space)))
  }
  const compared = compareSets(views, rows)
  if (distance === 'nearest') return published(Math.min(...compared.ofRows))
  if (distance === 'hausdorff') return published(hausdorffSquared(compared))
  let sum = 0
  for (const { squared } of compared.ofViews) sum += published(squared)
  return sum / views.length
}
