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

/** Rows beyond the hits wanted from which on these are chosen before they are made: then very many tie. */
const MANY = 256

/** Gives the records of an answer in order, from behind the place where the slice begins, at most `k`. */
export function hitsOf(
  slots: RowSlots,
  answer: RowAnswer,
  { after, k }: Pick<Slice, 'after' | 'k'>,
): readonly Hit[] {
  const { rows, distances } = answer
  const chosen = rows.length > 2 * k + MANY ? nearestPlaces(slots, answer, after, k) : rows.keys()
  const hits: Hit[] = []
  for (const i of chosen) {
    const row = rows[i]!
    const hit = { key: slots.key(row), id: slots.id(row), distance: distances[i]! }
    if (after === null || comparePositions(hit, after) > 0) hits.push(hit)
  }
  hits.sort(comparePositions)
  return hits.length > k ? hits.slice(0, k) : hits
}

/** Chooses the places of the first `k` rows of an answer behind a position, without making the ids of those that tie. */
function nearestPlaces(
  slots: RowSlots,
  { rows, distances }: RowAnswer,
  after: Position | null,
  k: number,
): readonly number[] {
  const compare = (a: number, b: number) =>
    distances[a]! - distances[b]! || slots.compareIds(rows[a]!, rows[b]!)
  /** In order; most rows are beyond the last of them, and cost one comparison. */
  const best: number[] = []
  for (let i = 0; i < rows.length; i++) {
    if (best.length === k && compare(i, best[k - 1]!) > 0) continue
    if (after !== null && !isBehind(slots, rows[i]!, distances[i]!, after)) continue
    let low = 0
    let high = best.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (compare(best[middle]!, i) < 0) low = middle + 1
      else high = middle
    }
    best.splice(low, 0, i)
    if (best.length > k) best.pop()
  }
  return best
}

function isBehind(slots: RowSlots, row: number, distance: number, after: Position): boolean {
  if (distance !== after.distance) return distance > after.distance
  return compareIds(slots.id(row), after.id) > 0
}

export function comparePositions(a: Position, b: Position): number {
  return a.distance - b.distance || compareIds(a.id, b.id)
}
