import { FoundPairs, type RowPairs } from '../../../index/join/found-pairs.ts'
import {
  JOIN_START,
  type JoinPlace,
  type JoinSlice,
  type JoinTask,
} from '../../../index/join/join-task.ts'
import type { SpaceKind } from '../../../vector/space.ts'
import type { JoinedPair, JoinQuery } from '../../pairs.ts'
import type { RecordReads } from '../generation-parts.ts'
import type { GenerationRows } from '../rows/generation-rows.ts'
import { idRanks } from './id-ranks.ts'
import { type RowsOfMoment, rightSide, rowLists, rowsOfMoment } from './joined-rows.ts'
import type { PairThreads } from './pair-threads.ts'

/** One side of a join. */
export interface JoinSide {
  readonly rows: GenerationRows
  readonly records: Pick<RecordReads, 'matching'>
}

/** Rows of the left side in one task. */
const ROWS_A_TASK = 256
/** Pairs that are given out at once. */
const PAIRS_A_BATCH = 1024

interface Done {
  readonly lane: number
  readonly leftRows: Uint32Array
  readonly slice: JoinSlice
}

/**
 * Joins the records of two sides, or of one with itself, for the moment in which it begins. As many slices are under way as
 * there are threads, and none is begun while what was found waits to be taken: so little is in memory, however many pairs
 * there are.
 * @param right null for the records of `left`.
 * @throws QUEUE_FULL, THREAD_FAILED, and what `signal` aborts with.
 */
export async function* joinGenerations(
  space: SpaceKind,
  threads: PairThreads,
  left: JoinSide,
  right: JoinSide | null,
  query: JoinQuery,
  signal: AbortSignal,
): AsyncGenerator<readonly JoinedPair[]> {
  const leave = threads.enter()
  const unpin = [left.rows.pin(), ...(right === null ? [] : [right.rows.pin()])]
  try {
    const a = await rowsOfMoment(left.rows, left.records, query.filter, signal)
    const b =
      right === null ? a : await rowsOfMoment(right.rows, right.records, query.otherFilter, signal)
    const { k } = query
    const radius = query.radius ?? Number.POSITIVE_INFINITY
    const isSelf = a === b
    if (k === null) {
      const limits = { radius, k: Number.POSITIVE_INFINITY, ranks: null }
      for await (const pairs of slices(space, threads, a, b, () => limits, signal)) {
        yield* named(a, b, pairs, isSelf, signal)
      }
      return
    }
    const leftRanks = await idRanks(a, signal)
    const ranks = {
      left: leftRanks,
      right: isSelf ? leftRanks : await idRanks(b, signal),
    }
    const closest = new FoundPairs(k, radius, ranks)
    const limits = () => ({ radius: closest.bound, k, ranks })
    for await (const pairs of slices(space, threads, a, b, limits, signal)) closest.addAll(pairs)
    yield* named(a, b, closest.finish(), false, signal)
  } finally {
    for (const release of unpin) release()
    leave()
  }
}

/** Runs the tasks of a join in slices, and gives the pairs of each as it ends. */
async function* slices(
  space: SpaceKind,
  threads: PairThreads,
  a: RowsOfMoment,
  b: RowsOfMoment,
  limits: () => Pick<JoinTask, 'radius' | 'k' | 'ranks'>,
  signal: AbortSignal,
): AsyncGenerator<RowPairs> {
  const lists = rowLists(a, ROWS_A_TASK)
  const underWay = new Map<number, Promise<Done>>()
  const ending = new AbortController()
  const stopped = AbortSignal.any([signal, ending.signal])
  const begin = (lane: number, leftRows: Uint32Array, from: JoinPlace) => {
    const right = rightSide(b)
    const task = { space, left: a.view, leftRows, right, isSelf: a === b, from, ...limits() }
    const run = async () => ({ lane, leftRows, slice: await threads.join(lane, task, stopped) })
    const done = run()
    // It may fail while what was found before it waits to be taken, and nobody looks at it.
    done.catch(() => undefined)
    underWay.set(lane, done)
  }
  const beginNext = (lane: number) => {
    const next = lists.next()
    if (next.done !== true) begin(lane, next.value, JOIN_START)
  }
  try {
    for (let lane = 0; lane < threads.lanes; lane++) beginNext(lane)
    while (underWay.size > 0) {
      const { lane, leftRows, slice } = await Promise.race(underWay.values())
      underWay.delete(lane)
      signal.throwIfAborted()
      if (slice.next === null) beginNext(lane)
      else begin(lane, leftRows, slice.next)
      yield slice
    }
  } finally {
    // The rows stay pinned until no thread reads them any more.
    ending.abort()
    await Promise.allSettled(underWay.values())
  }
}

/**
 * Gives pairs their ids, some at a time. @param turn whether the earlier id of each pair is still to be put first.
 * @throws what `signal` aborts with.
 */
function* named(
  a: RowsOfMoment,
  b: RowsOfMoment,
  { left, right, distances }: RowPairs,
  turn: boolean,
  signal: AbortSignal,
): Generator<readonly JoinedPair[]> {
  for (let first = 0; first < left.length; first += PAIRS_A_BATCH) {
    signal.throwIfAborted()
    const end = Math.min(left.length, first + PAIRS_A_BATCH)
    const pairs: JoinedPair[] = []
    for (let i = first; i < end; i++) {
      const isTurned = turn && a.rows.slots.compareIds(left[i]!, right[i]!) > 0
      const [one, other] = isTurned ? [right[i]!, left[i]!] : [left[i]!, right[i]!]
      pairs.push({ a: a.rows.slots.id(one), b: b.rows.slots.id(other), distance: distances[i]! })
    }
    yield pairs
  }
}
