import { SearchPlanning } from '../../src/engine/embedded/search/search-planning.ts'
import type { SearchThreads } from '../../src/engine/embedded/search/search-threads.ts'
import { type Coefficients, TYPICAL_COEFFICIENTS } from '../../src/index/planner/cost-model.ts'
import { Planner } from '../../src/index/planner/planner.ts'
import { SearchLoad } from '../../src/index/planner/search-load.ts'

/**
 * As the service plans the searches of a collection, on a typical machine but for `costs`. Where those are given, the
 * clock stands still: times of a busy machine would correct them.
 */
export function searchPlanning(
  threads: SearchThreads,
  { latencyBudgetMs = 5, costs }: { latencyBudgetMs?: number; costs?: Partial<Coefficients> } = {},
): SearchPlanning {
  return new SearchPlanning({
    planner: new Planner(() => ({ ...TYPICAL_COEFFICIENTS, ...costs })),
    load: new SearchLoad(),
    clock: costs === undefined ? () => performance.now() : () => 0,
    split: threads.split,
    latencyBudgetMs,
  })
}
