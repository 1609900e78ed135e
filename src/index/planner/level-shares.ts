import type { SearchLevel } from '../row-index.ts'
import { seedsFor } from '../scan/cascade/query-scan.ts'
import type { SearchFacts } from './search-facts.ts'

/** Rows that come to each level: codes of whole vectors (or a tree's distances), float32, canonical. */
export interface LevelCounts {
  readonly coded: number
  readonly floats: number
  readonly decided: number
}

export const NO_LEVELS: LevelCounts = { coded: 0, floats: 0, decided: 0 }

/** Counts the rows of a search that has run. */
export function levelCounts(levels: readonly SearchLevel[]): LevelCounts {
  const at = (...names: readonly string[]) =>
    levels.find(({ name }) => names.includes(name))?.candidates ?? 0
  return { coded: at('codes', 'vp-tree', 'm-tree'), floats: at('float32'), decided: at('float64') }
}

function ofEachLevel(value: (level: keyof LevelCounts) => number): LevelCounts {
  return { coded: value('coded'), floats: value('floats'), decided: value('decided') }
}

type Scan = 'gather' | 'cascade' | 'tree'

/** Weight of the newest search, once there are enough. */
const NEWEST = 0.1
const BUCKETS = 12

/**
 * How many rows come to each level of a search: shares of the allowed rows, averaged over the searches so far of
 * the same kind and about the same k of the same number of rows. They show what an intrinsic dimension would, of
 * the data and the queries there are.
 */
export class LevelShares {
  readonly #seen = new Map<string, { readonly shares: LevelCounts; readonly count: number }>()

  expected(scan: Scan, facts: SearchFacts): LevelCounts {
    const shares = this.#seen.get(keyOf(scan, facts))?.shares
    if (shares === undefined) return prior(scan, facts)
    return ofEachLevel((level) => shares[level] * facts.allowed)
  }

  saw(scan: Scan, facts: SearchFacts, levels: LevelCounts): void {
    if (facts.allowed === 0) return
    const newest = ofEachLevel((level) => Math.min(1, levels[level] / facts.allowed))
    const key = keyOf(scan, facts)
    const { shares, count } = this.#seen.get(key) ?? { shares: newest, count: 0 }
    const weight = Math.max(NEWEST, 1 / (count + 1))
    const mixed = ofEachLevel((level) => shares[level] + weight * (newest[level] - shares[level]))
    this.#seen.set(key, { shares: mixed, count: count + 1 })
  }
}

/** Searches within a radius are of one kind: nobody knows before how many rows lie within it. */
function keyOf(scan: Scan, { k, allowed, bounded }: SearchFacts): string {
  if (bounded) return `${scan} within a radius`
  const fours = Math.floor(Math.log(Math.max(1, allowed / k)) / Math.log(4))
  return `${scan} ${Math.min(BUCKETS - 1, fours)}`
}

function prior(scan: Scan, { k, allowed, rowsPerBlock, bounded }: SearchFacts): LevelCounts {
  const few = Math.min(allowed, bounded ? 32 : seedsFor(k))
  if (scan === 'tree') return { coded: allowed / 2, floats: 0, decided: few }
  if (scan === 'cascade') {
    return { coded: Math.min(allowed, 4 * few), floats: Math.min(allowed, 2 * few), decided: few }
  }
  // All rows of the first block, then as often as the nearest so far changes in random order.
  const met = few === 0 ? 0 : rowsPerBlock + few * (1 + Math.log(allowed / few))
  return { coded: 0, floats: allowed, decided: bounded ? few : Math.min(allowed, met) }
}
