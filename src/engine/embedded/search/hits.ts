import type { RowAnswer } from '../../../index/row-index.ts'
import { compareIds } from '../../collection-spec.ts'
import type { GalleryQuery, Hit, Position } from '../gallery.ts'
import type { RowSlots } from '../rows/row-slots.ts'

/** The records of an answer in order, from behind the place the query goes on from, at most `k`. */
export function hitsOf(
  slots: RowSlots,
  answer: RowAnswer,
  { after, k }: Pick<GalleryQuery, 'after' | 'k'>,
): readonly Hit[] {
  const hits: Hit[] = []
  for (let i = 0; i < answer.rows.length; i++) {
    const row = answer.rows[i]!
    const hit = { key: slots.key(row), id: slots.id(row), distance: answer.distances[i]! }
    if (after === null || comparePositions(hit, after) > 0) hits.push(hit)
  }
  hits.sort(comparePositions)
  return hits.length > k ? hits.slice(0, k) : hits
}

/** The order of answers: distance, then id. */
function comparePositions(a: Position, b: Position): number {
  return a.distance - b.distance || compareIds(a.id, b.id)
}
