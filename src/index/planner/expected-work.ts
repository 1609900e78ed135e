import { SCAN_ABOVE } from '../scan/float-level.ts'
import { componentsRead } from '../scan/row-share.ts'
import { NO_WORK, ofEachKind, type WorkCounts } from './cost-model.ts'
import type { LevelCounts } from './level-shares.ts'
import type { SearchFacts } from './search-facts.ts'

/** The cost of looking through a row without prefix codes, of that of a prefix code. */
const WITHOUT_PREFIX = 0.25
/** The cost of coding the query without a prefix, of that with one: the projection is left out. */
const CODED_WITHOUT_PREFIX = 1 / 32
/** Vectors that a graph visits for each of its `ef` candidates, and on its way down. */
const VISITED_A_CANDIDATE = 12
const VISITED_A_LAYER = 24

/** Reads the float32 numbers of the allowed rows, and computes the canonical distance of what is near. */
export function gatherWork(facts: SearchFacts, levels: LevelCounts): WorkCounts {
  const { rows, allowed, dimensions, rowsPerBlock } = facts
  const whole = allowed >= rows * SCAN_ABOVE
  const blocks = rows / rowsPerBlock
  // The blocks that hold at least one of the rows, where these are spread at random.
  const entered = blocks * (1 - (1 - 1 / Math.max(1, blocks)) ** allowed)
  const read = (whole ? rows : allowed) * dimensions
  return shared(facts, read, {
    ...NO_WORK,
    calls: 1,
    blocks: whole ? blocks : entered,
    ...(whole ? { scanned: read } : { gathered: read }),
    judged: levels.decided,
    decided: levels.decided * dimensions,
  })
}

/** Looks at the codes of all rows, level by level. */
export function cascadeWork(facts: SearchFacts, levels: LevelCounts): WorkCounts {
  const { rows, dimensions, rowsPerBlock, codes } = facts
  const prefixed = codes === 'prefix'
  return shared(facts, componentsRead(rows, dimensions, prefixed), {
    ...NO_WORK,
    calls: 1,
    blocks: rows / rowsPerBlock,
    prefixed: prefixed ? rows : rows * WITHOUT_PREFIX,
    prepared: prefixed ? dimensions : dimensions * CODED_WITHOUT_PREFIX,
    listed: levels.coded,
    coded: levels.coded * dimensions,
    gathered: levels.floats * dimensions,
    judged: levels.decided,
    decided: levels.decided * dimensions,
  })
}

/** A tree computes its distances one by one. */
export function treeWork({ dimensions }: SearchFacts, levels: LevelCounts): WorkCounts {
  const distances = levels.coded + levels.decided
  return { ...NO_WORK, calls: 1, compared: distances * dimensions }
}

/** Searches a navigable graph best first, with a list of `ef` candidates. */
export function graphWork({ records, dimensions }: SearchFacts, ef: number): WorkCounts {
  const visited = ef * VISITED_A_CANDIDATE + Math.log2(records + 1) * VISITED_A_LAYER
  return {
    ...NO_WORK,
    graphCalls: 1,
    visited: visited * dimensions,
    judged: ef,
    decided: ef * dimensions,
  }
}

/** Gives the work of one thread where a search is split: the threads run side by side, and each prepares the query. */
function shared(facts: SearchFacts, components: number, work: WorkCounts): WorkCounts {
  const parts = components < facts.splitAbove ? 1 : facts.threads
  if (parts === 1) return work
  const whole = ['calls', 'prepared']
  return ofEachKind((kind) => (whole.includes(kind) ? work[kind] : work[kind] / parts))
}
