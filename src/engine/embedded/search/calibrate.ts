import {
  type Coefficients,
  fitCoefficients,
  NO_WORK,
  type Observation,
} from '../../../index/planner/cost-model.ts'
import { cascadeWork, gatherWork } from '../../../index/planner/expected-work.ts'
import { levelCounts } from '../../../index/planner/level-shares.ts'
import type { SearchFacts } from '../../../index/planner/search-facts.ts'
import type { ExactWay } from '../../../index/row-index.ts'
import { RowCoding } from '../../../index/scan/cascade/row-coding.ts'
import { PREFIX_RANK, transformOf } from '../../../index/scan/cascade/transform.ts'
import type { BlockMemory } from '../../../kernels/block-memory.ts'
import { VectorRows } from '../../../kernels/vector-rows.ts'
import { countBits, setBit, sharedBits } from '../../../vector/bitset.ts'
import { type Random, seededRandom } from '../../../vector/random.ts'
import type { SearchThreads } from './search-threads.ts'

const SEED = 1
const ROWS = 2048
/** The times each search is run. The fastest counts: the rest is other work of the machine. */
const REPEATS = 7
/** Short vectors show what a row costs, long ones what a component does. */
const SHAPES = [
  { dimensions: 32, coded: true },
  { dimensions: 128, coded: true },
  { dimensions: 256, coded: false },
] as const
/** Shares of rows to gather; above .7 blocks are read whole. */
const SHARES = [0.02, 0.3, 1]
const DEPTHS = [1, 10, 200]
const SLOWEST: Observation = { work: NO_WORK, nanoseconds: Number.POSITIVE_INFINITY }

/**
 * Times searches of made-up rows in a search thread and fits the coefficients of the cost model to them; a few
 * dozen milliseconds beside other work. The rows are random, so that the levels of codes have much to do.
 *
 * @throws OUT_OF_MEMORY, THREAD_FAILED, SHUTTING_DOWN.
 */
export async function calibrate(
  threads: SearchThreads,
  memory: BlockMemory,
): Promise<Coefficients> {
  const random = seededRandom(SEED)
  const observations: Observation[] = []
  for (const shape of SHAPES) observations.push(...(await observe(threads, memory, shape, random)))
  return fitCoefficients(observations)
}

async function observe(
  threads: SearchThreads,
  memory: BlockMemory,
  { dimensions, coded }: (typeof SHAPES)[number],
  random: Random,
): Promise<Observation[]> {
  const rows = new VectorRows(memory, dimensions)
  const { coder } = threads
  const coding = new RowCoding(
    memory,
    {
      learn: async () => ({ transform: axes(dimensions), promised: 1, now: Number.NaN }),
      write: (...task) => coder.write(...task),
    },
    dimensions,
  )
  try {
    for (let row = 0; row < ROWS; row++) rows.append(randomVector(dimensions, random))
    while (coded && coding.pending(ROWS)) await coding.advance(rows.view(), () => 0)
    const index = threads.index(rows, 'euclidean', coded ? coding : null)
    const runs = [...searches(coded, random)].map(({ allowed, k, kind }) => {
      const facts: SearchFacts = {
        ...threads.split,
        rows: ROWS,
        records: ROWS,
        allowed: allowed === null ? ROWS : countBits(allowed),
        dimensions,
        rowsPerBlock: rows.layout.rowsPerBlock,
        k,
        bounded: false,
        codes: coding.levels,
      }
      const way: ExactWay = kind === 'gather' ? { kind, rows: facts.allowed } : { kind }
      const query = { k, radius: Number.POSITIVE_INFINITY, from: -1, allowed, way }
      return { facts, workOf: kind === 'gather' ? gatherWork : cascadeWork, query, best: SLOWEST }
    })
    // In turns, so that all meet the same machine.
    for (let i = 0; i < REPEATS; i++) {
      for (const run of runs) {
        const vector = randomVector(dimensions, random)
        const started = performance.now()
        const { levels } = await index.search({ ...run.query, vector })
        const nanoseconds = (performance.now() - started) * 1e6
        if (nanoseconds >= run.best.nanoseconds) continue
        run.best = { nanoseconds, work: run.workOf(run.facts, levelCounts(levels)) }
      }
    }
    return runs.map(({ best }) => best)
  } finally {
    rows.release()
    coding.release()
  }
}

function* searches(coded: boolean, random: Random) {
  for (const share of SHARES) {
    const allowed = share === 1 ? null : someRows(share, random)
    yield { allowed, k: 10, kind: 'gather' as const }
  }
  for (const k of DEPTHS) if (coded) yield { allowed: null, k, kind: 'cascade' as const }
}

function someRows(share: number, random: Random): Uint32Array {
  const bits = sharedBits(ROWS)
  for (let row = 0; row < ROWS; row++) if (random() < share) setBit(bits, row)
  return bits
}

function randomVector(dimensions: number, random: Random): Float32Array {
  const vector = new Float32Array(dimensions)
  for (let i = 0; i < dimensions; i++) vector[i] = random() - 0.5
  return vector
}

/** Gives the first axes for a subspace: learning one would take longer than all the rest. */
function axes(dimensions: number) {
  const basis = new Float64Array(PREFIX_RANK * dimensions)
  for (let k = 0; k < Math.min(PREFIX_RANK, dimensions); k++) basis[k * dimensions + k] = 1
  const mean = new Float64Array(dimensions)
  return transformOf({ dimensions, mean, basis, rank: PREFIX_RANK }, true)
}
