import { valueAt } from './filter.ts'
import type { Hit } from './gallery.ts'
import type { StoredRecord } from './record-store.ts'

type GroupValue = string | number | boolean

/**
 * The first `size` hits of each of the first `wanted` values of a field, still in order. Records without a
 * plain value there belong to no group and are left out.
 *
 * `full` says that no later hit could change the result.
 */
export function groupHits(
  hits: readonly Hit[],
  records: ReadonlyMap<number, StoredRecord>,
  field: string,
  wanted: number,
  size: number,
): { hits: Hit[]; groups: Map<number, GroupValue>; full: boolean } {
  const path = field.split('.')
  const counts = new Map<GroupValue, number>()
  const chosen: Hit[] = []
  const groups = new Map<number, GroupValue>()
  for (const hit of hits) {
    const value = valueAt(records.get(hit.key)?.metadata ?? {}, path)
    if (value === undefined || value === null || typeof value === 'object') continue
    const count = counts.get(value) ?? 0
    if (count === size || (count === 0 && counts.size === wanted)) continue
    counts.set(value, count + 1)
    chosen.push(hit)
    groups.set(hit.key, value)
  }
  const full = counts.size === wanted && [...counts.values()].every((count) => count === size)
  return { hits: chosen, groups, full }
}
