import type { TriangleBounds } from '../../vector/metric/bounds.ts'
import type { Random } from '../../vector/random.ts'
import type { Item } from './item.ts'

/** How a full node is divided: to the nearer of two centres, or evenly. */
export type Partition = 'hyperplane' | 'balanced'

/** What the parts of the M-tree need to know. */
export interface MTreeSettings<T> {
  readonly capacity: number
  /** Children that a node other than the root has at least; at most half the capacity. */
  readonly minimum: number
  readonly partition: Partition
  readonly bounds: TriangleBounds
  readonly random: Random
  readonly between: (a: Item<T>, b: Item<T>) => number
}
