import { type IdentityValue, identityAt } from '../../identity-value.ts'
import type { Hit } from '../gallery.ts'
import type { StoredRecord } from '../store/record-store.ts'

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
): { hits: Hit[]; groups: Map<number, IdentityValue>; full: boolean } {
  const path = field.split('.')
  const counts = new Map<IdentityValue, number>()
  const chosen: Hit[] = []
  const groups = new Map<number, IdentityValue>()
  for (const hit of hits) {
    const value = identityAt(records.get(hit.key)?.metadata ?? {}, path)
    if (value === null) continue
    const count = counts.get(value) ?? 0
    if (count === size || (count === 0 && counts.size === wanted)) continue
    counts.set(value, count + 1)
    chosen.push(hit)
    groups.set(hit.key, value)
  }
  const full = counts.size === wanted && [...counts.values()].every((count) => count === size)
  return { hits: chosen, groups, full }
}
