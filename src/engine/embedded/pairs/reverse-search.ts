import type { RankTask } from '../../../index/join/rank-task.ts'
import type { RowIndex } from '../../../index/row-index.ts'
import { nextTurn } from '../../../scheduling/next-turn.ts'
import { setBit, sharedBits } from '../../../vector/bitset.ts'
import type { SpaceKind } from '../../../vector/space.ts'
import { compareIds } from '../../collection-spec.ts'
import type { ReverseAnswer, ReverseMatch, ReverseQuery } from '../../pairs.ts'
import type { RecordReads } from '../generation-parts.ts'
import type { GenerationRows } from '../rows/generation-rows.ts'
import { pinned } from '../rows/pinned.ts'
import { type RowsOfMoment, rowsOfMoment } from './joined-rows.ts'
import { inLanes } from './lanes.ts'
import type { PairThreads } from './pair-threads.ts'

/** What the searches among pairs of one generation work with. */
export interface PairsSearched {
  readonly space: SpaceKind
  readonly index: RowIndex
  readonly threads: PairThreads
  readonly rows: GenerationRows
  readonly records: Pick<RecordReads, 'matching'>
}

const ROWS_A_TASK = 1024
/** Comparisons before other work gets its turn: about 1 ms. */
const STEPS_A_TURN = 8192

/**
 * Finds the records that have a query among their k nearest (Zezula et al., Similarity Search, 2006, section 1.4: reverse
 * nearest neighbour queries), for the moment in which it begins. From most records the query is so far that among a few
 * thousand rows k are nearer; only for the others all rows are looked at.
 * @throws QUEUE_FULL, THREAD_FAILED, and what `signal` aborts with.
 */
export async function reverseSearch(
  searched: PairsSearched,
  query: ReverseQuery,
  signal: AbortSignal,
): Promise<ReverseAnswer> {
  const { threads, rows, records, index } = searched
  const leave = threads.enter()
  try {
    return await pinned(rows, async () => {
      const moment = await rowsOfMoment(rows, records, query.filter, signal, query.without)
      const before = await rowsBefore(moment, query.id, signal)
      const { vector } = query
      const every = { k: Number.POSITIVE_INFINITY, radius: Number.POSITIVE_INFINITY, from: -1 }
      const all = await index.search({ vector, allowed: moment.allowed, ...every }, signal)
      const likely = await ranked(searched, moment, before, query.k, all, 'some', signal)
      const found = await ranked(searched, moment, before, query.k, likely, 'all', signal)
      return answerOf(moment, found, query.limit)
    })
  } finally {
    leave()
  }
}

interface Ranked {
  readonly rows: Uint32Array
  readonly distances: Float64Array
  readonly ranks?: Uint32Array
}

/** Counts the rank of the query for each row, and keeps the rows that may have it, or have it, among their k nearest. */
async function ranked(
  { space, threads }: PairsSearched,
  { view, allowed, rows }: RowsOfMoment,
  before: Uint32Array | null,
  k: number,
  given: Ranked,
  among: RankTask['among'],
  signal: AbortSignal,
): Promise<Required<Ranked>> {
  const ranks = new Uint32Array(given.rows.length)
  const tasks = function* () {
    for (let first = 0; first < given.rows.length; first += ROWS_A_TASK) yield { first, from: 0 }
  }
  await inLanes(threads.lanes, tasks(), async (lane, { first, from }) => {
    const task = {
      space,
      rows: view,
      codes: rows.coding.view(),
      allowed,
      before,
      k,
      ranked: given.rows.slice(first, first + ROWS_A_TASK),
      distances: given.distances.slice(first, first + ROWS_A_TASK),
      among,
      from,
    }
    const slice = await threads.ranks(lane, task, signal)
    ranks.set(slice.ranks, first + from)
    const done = from + slice.ranks.length
    return done < task.ranked.length ? { first, from: done } : null
  })
  const kept = [...ranks.keys()].filter((i) => ranks[i]! <= k)
  return {
    rows: Uint32Array.from(kept, (i) => given.rows[i]!),
    distances: Float64Array.from(kept, (i) => given.distances[i]!),
    ranks: Uint32Array.from(kept, (i) => ranks[i]!),
  }
}

/** Marks the rows whose ids come before that of the query; null where it is no record. */
async function rowsBefore(
  { rows: { slots }, view }: RowsOfMoment,
  id: string | null,
  signal: AbortSignal,
): Promise<Uint32Array | null> {
  const own = id === null ? undefined : slots.rowOfId(id)
  if (own === undefined) return null
  const bits = sharedBits(view.count)
  for (let row = 0; row < view.count; row++) {
    if (slots.compareIds(row, own) < 0) setBit(bits, row)
    if (row % STEPS_A_TURN !== STEPS_A_TURN - 1) continue
    await nextTurn(signal)
  }
  return bits
}

function answerOf(
  { rows: { slots } }: RowsOfMoment,
  { rows, distances, ranks }: Required<Ranked>,
  limit: number,
): ReverseAnswer {
  const matches = [...rows].map((row, i): ReverseMatch => {
    return { id: slots.id(row), distance: distances[i]!, rank: ranks[i]! }
  })
  matches.sort((a, b) => a.distance - b.distance || compareIds(a.id, b.id))
  return { matches: matches.slice(0, limit), complete: matches.length <= limit }
}
