import type { EngineMatch } from '../../engine/query.ts'
import type { RerankPlan } from './rerank.ts'

/** Compares the first matches before and after. */
export function changesOf(
  before: readonly EngineMatch[],
  after: readonly EngineMatch[],
  distances: number,
): RerankPlan {
  const places = new Map(before.map(({ id }, place) => [id, place]))
  const now = new Set(after.map(({ id }) => id))
  return {
    entered: after.flatMap(({ id }) => (places.has(id) ? [] : [id])),
    left: before.flatMap(({ id }) => (now.has(id) ? [] : [id])),
    moved: after.filter(({ id }, place) => places.has(id) && places.get(id) !== place).length,
    distances,
  }
}
