import type { PlanKind } from '../index/planner/corrections.ts'
import type { VectorAnswer } from '../index/vector-index.ts'
import type { GalleryQuery } from './gallery.ts'

/** How a search was answered, for `explain`. */
export function planOf({ exactIndex, keys }: GalleryQuery, plan: PlanKind): string {
  const filtered = keys === null ? '' : 'filtered '
  if (plan === 'tree') return filtered + exactIndex
  const scan = plan === 'gather' && keys !== null ? 'gather' : `${filtered}scan`
  return exactIndex === 'scan' ? scan : `${scan} while the ${exactIndex} is not ready`
}

/** A tree computes the canonical distance for every candidate; a scan for those that come to the end. */
export function distancesOf({ levels }: VectorAnswer, inTree: boolean): number {
  if (!inTree) return levels.at(-1)?.candidates ?? 0
  return levels.reduce((sum, { candidates }) => sum + candidates, 0)
}
