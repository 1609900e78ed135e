import { workerData } from 'node:worker_threads'
import type { JoinTask } from '../../../index/join/join-task.ts'
import type { RankTask } from '../../../index/join/rank-task.ts'
import { RowJoin } from '../../../index/join/row-join.ts'
import type { FarthestQuery, RowAnswer, RowQuery, WithinQuery } from '../../../index/row-index.ts'
import type { CodedRows } from '../../../index/scan/cascade/coded-rows.ts'
import { type ResumableScan, ResumableSearches } from '../../../index/scan/resumable-searches.ts'
import { RowSearch, type SearchPart } from '../../../index/scan/row-search.ts'
import type { RowsRange } from '../../../index/scan/row-share.ts'
import type { RowsView } from '../../../kernels/vector-rows.ts'
import type { StopSign } from '../../../threads/stop-flags.ts'
import { ownBuffers, serveThread } from '../../../threads/thread-host.ts'
import type { SpaceKind } from '../../../vector/space.ts'
import { rowReader } from '../row-files/row-access.ts'

export interface SearchThreadData {
  readonly module: WebAssembly.Module
  readonly thread: number
  /** The flags that queries name. */
  readonly stopFlags: Int32Array
}

export type SearchCalls = typeof calls
export type SearchNotices = typeof notices

interface SearchTask {
  readonly space: SpaceKind
  readonly queries: readonly RowQuery[]
  readonly range: RowsRange
  readonly part: SearchPart
}

interface PartTask<Query> {
  readonly space: SpaceKind
  readonly query: Query
  readonly range: RowsRange
}

const FORGET_EVERY_MS = 30_000
/** Milliseconds of a slice of a join, for which searches may have to wait. */
const JOIN_SLICE_MS = 8
const { module, thread, stopFlags } = workerData as SearchThreadData
const resumable = new ResumableSearches<ResumableScan>(() => performance.now())
const search = new RowSearch(module, thread, rowReader(), resumable, stopFlags)
const rowJoin = new RowJoin(module, thread, rowReader())
// So that they do not wait for a search to be forgotten.
setInterval(() => resumable.forgetOld(), FORGET_EVERY_MS).unref()

let rows: RowsView | null = null
let codes: CodedRows | null = null

const notices = {
  segment(memory: WebAssembly.Memory) {
    search.addSegment(memory)
    rowJoin.addSegment(memory)
  },
  rows(view: RowsView) {
    rows = view
  },
  codes(view: CodedRows | null) {
    codes = view
  },
}

const calls = {
  /** Searches the rows and codes that were provided last; one answer a query. */
  search: ({ space, queries, range, part }: SearchTask) =>
    search.search(rows!, codes, space, queries, range, part),
  /** Counts those of them that are within a radius. */
  within: ({ space, query, range }: PartTask<WithinQuery>) =>
    search.within(rows!, codes, space, query, range),
  /** Finds the farthest of them. */
  farthest: ({ space, query, range }: PartTask<FarthestQuery>) => [
    search.farthest(rows!, codes, space, query, range),
  ],
  /** Counts ranks until a slice is over. */
  ranks(task: RankTask, stop: StopSign) {
    const clock = () => performance.now()
    return rowJoin.ranks(task, { clock, sliceMs: JOIN_SLICE_MS, checkStop: () => stop.check() })
  },
  /** Joins rows until a slice is over; nothing of it is kept between two. */
  join(task: JoinTask, stop: StopSign) {
    const clock = () => performance.now()
    return rowJoin.slice(task, { clock, sliceMs: JOIN_SLICE_MS, checkStop: () => stop.check() })
  },
}

function buffersOf(result: unknown): ArrayBuffer[] {
  if (!Array.isArray(result)) return ownBuffers(result)
  const answers: readonly RowAnswer[] = result
  const arrays = answers.flatMap(({ rows, distances }) => [rows, distances])
  return arrays.map(({ buffer }) => buffer as ArrayBuffer)
}

await serveThread(() => ({ calls, notices, transfer: buffersOf }))
