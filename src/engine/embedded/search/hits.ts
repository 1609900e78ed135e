import type { RowAnswer } from '../../../index/row-index.ts'
import { compareIds } from '../../collection-spec.ts'
import type { Position } from '../../cursor.ts'
import type { RowSlots } from '../rows/row-slots.ts'

export interface Hit extends Position {
  /** The version of the record. */
  readonly key: number
}

/** The part of a query's ranking that one search finds. */
export interface Slice {
  /** The number of hits wanted; Infinity for all within the radius. */
  readonly k: number
  /** Only what comes after this place. */
  readonly after: Position | null
  /** Whether a later search may resume behind the last hit: then nothing before it may be missing. */
  readonly paged: boolean
  /** Names a search that may be resumed: while no record is written, the next page costs less. The answer is the same. */
  readonly resume?: string
}

/** Gives the records of an answer in order, from behind the place where the slice begins, at most `k`. */
export function hitsOf(
  slots: RowSlots,
  answer: RowAnswer,
  { after, k }: Pick<Slice, 'after' | 'k'>,
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

function comparePositions(a: Position, b: Position): number {
  return a.distance - b.distance || compareIds(a.id, b.id)
}
