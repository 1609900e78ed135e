import type { RowAnswer, SearchLevel } from '../row-index.ts'
import { Nearest } from './nearest.ts'
import { withRowsAt } from './rows-at.ts'

/** Joins the answers that parts of the rows gave to one query. */
export function mergeAnswers(parts: readonly RowAnswer[], k: number, from: number): RowAnswer {
  if (parts.length === 1) return parts[0]!
  const nearest = new Nearest(k, Number.POSITIVE_INFINITY)
  const atFrom: number[] = []
  for (const part of parts) {
    for (let i = 0; i < part.rows.length; i++) {
      const distance = part.distances[i]!
      if (distance === from) atFrom.push(part.rows[i]!)
      else nearest.add(part.rows[i]!, distance)
    }
  }
  return { ...withRowsAt(nearest.finish(), atFrom, from), levels: addLevels(parts) }
}

function addLevels(parts: readonly RowAnswer[]): SearchLevel[] {
  return (parts[0]?.levels ?? []).map(({ name }, i) => ({
    name,
    candidates: parts.reduce((sum, part) => sum + (part.levels[i]?.candidates ?? 0), 0),
  }))
}
