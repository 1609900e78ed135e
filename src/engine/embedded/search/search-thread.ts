import { workerData } from 'node:worker_threads'
import type { RowAnswer, RowCount, RowQuery, WithinQuery } from '../../../index/row-index.ts'
import type { CodedRows } from '../../../index/scan/cascade/coded-rows.ts'
import { type ResumableScan, ResumableSearches } from '../../../index/scan/resumable-searches.ts'
import { RowSearch, type SearchPart } from '../../../index/scan/row-search.ts'
import type { RowsRange } from '../../../index/scan/row-share.ts'
import type { RowsView } from '../../../kernels/vector-rows.ts'
import { serveThread } from '../../../threads/thread-host.ts'
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

interface WithinTask {
  readonly space: SpaceKind
  readonly query: WithinQuery
  readonly range: RowsRange
}

const FORGET_EVERY_MS = 30_000
const { module, thread, stopFlags } = workerData as SearchThreadData
const resumable = new ResumableSearches<ResumableScan>(() => performance.now())
const search = new RowSearch(module, thread, rowReader(), resumable, stopFlags)
// So that they do not wait for a search to be forgotten.
setInterval(() => resumable.forgetOld(), FORGET_EVERY_MS).unref()

let rows: RowsView | null = null
let codes: CodedRows | null = null

const notices = {
  segment: (memory: WebAssembly.Memory) => search.addSegment(memory),
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
  within: ({ space, query, range }: WithinTask) => search.within(rows!, codes, space, query, range),
}

function buffersOf(result: readonly RowAnswer[] | RowCount): ArrayBuffer[] {
  if ('count' in result) return []
  const answers = result
  const arrays = answers.flatMap(({ rows, distances }) => [rows, distances])
  return arrays.map(({ buffer }) => buffer as ArrayBuffer)
}

await serveThread(() => ({ calls, notices, transfer: buffersOf }))
