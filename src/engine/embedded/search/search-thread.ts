import { workerData } from 'node:worker_threads'
import type { CodedRows } from '../../../index/scan/cascade/coded-rows.ts'
import { Rankings } from '../../../index/scan/cascade/rankings.ts'
import { RowSearch } from '../../../index/scan/row-search.ts'
import type { RowsView } from '../../../kernels/vector-rows.ts'
import { serveThread } from '../../../threads/thread-host.ts'
import { rowReader } from '../row-files/read-row.ts'
import type { MemoryNotices } from './memory-thread.ts'
import type { SearchCalls, SearchNotices, SearchThreadData } from './search-calls.ts'

const FORGET_EVERY_MS = 30_000

await serveThread<SearchCalls, SearchNotices & MemoryNotices>(() => {
  const { module, thread } = workerData as SearchThreadData
  const rankings = new Rankings({ clock: () => performance.now() })
  const search = new RowSearch(module, thread, rowReader(), rankings)
  // So that they do not wait for a search to be forgotten.
  setInterval(() => rankings.forgetOld(), FORGET_EVERY_MS).unref()
  let rows: RowsView | null = null
  let codes: CodedRows | null = null
  return {
    notices: {
      segment: (memory) => search.addSegment(memory),
      rows(view) {
        rows = view
      },
      codes(view) {
        codes = view
      },
    },
    calls: {
      search: ({ space, queries, range, part }) =>
        search.search(rows!, codes, space, queries, range, part),
    },
    transfer: (answers) => {
      const arrays = answers.flatMap(({ rows, distances }) => [rows, distances])
      return arrays.map(({ buffer }) => buffer as ArrayBuffer)
    },
  }
})
