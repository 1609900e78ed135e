import type {
  FarthestQuery,
  RowAnswer,
  RowCount,
  RowIndex,
  RowQuery,
  WithinQuery,
} from '../../../index/row-index.ts'
import type { CodedRows } from '../../../index/scan/cascade/coded-rows.ts'
import type { RowCoding } from '../../../index/scan/cascade/row-coding.ts'
import { addedLevels, mergeAnswers } from '../../../index/scan/nearest.ts'
import {
  chunkRows,
  componentsRead,
  type RowsRange,
  splitRows,
} from '../../../index/scan/row-share.ts'
import type { RowSquares } from '../../../index/scan/row-squares.ts'
import { hasBegun, type SharedSearch, sharedSearch } from '../../../index/scan/shared-search.ts'
import type { StoredRows } from '../../../kernels/stored-rows.ts'
import type { RowsView, VectorRows } from '../../../kernels/vector-rows.ts'
import { allEnded } from '../../../scheduling/all-ended.ts'
import type { StopFlags } from '../../../threads/stop-flags.ts'
import type { ThreadClient } from '../../../threads/thread-client.ts'
import type { SpaceKind } from '../../../vector/space.ts'
import type { SearchCalls, SearchNotices } from './search-thread.ts'

type SearchThread = ThreadClient<SearchCalls, SearchNotices>

interface Parts {
  /** A number that no other index has. */
  readonly number: number
  readonly threads: readonly SearchThread[]
  readonly splitAbove: number
  readonly rows: VectorRows | StoredRows
  readonly space: SpaceKind
  readonly coding: RowCoding | null
  readonly squares: RowSquares
  readonly admit: <T>(search: () => Promise<T>) => Promise<T>
  /** The flags that the threads look at; left out, a search that has begun runs to its end. */
  readonly stops?: StopFlags
}

/** The rows of one moment. */
interface SearchedView {
  readonly rows: RowsView
  readonly codes: CodedRows | null
}

interface Waiting {
  readonly query: RowQuery
  readonly signal: AbortSignal | undefined
  readonly view: SearchedView
  readonly resolve: (answer: RowAnswer) => void
  readonly reject: (error: unknown) => void
}

/** The answers of one part, one a query. */
type PartAnswers = readonly RowAnswer[]

/** Queries that share a pass over the codes. */
const MAX_BATCH = 16
/**
 * Tasks of one collection that each thread has at once, so that none waits for a message between two; further
 * queries wait and make up the next batches.
 */
const TASKS_A_THREAD = 2
/** What a thread may have fallen behind with: a slice of a join is over in a moment. */
const SEARCHES = new Set(['search', 'within', 'farthest'] as const)

/**
 * The rows of one collection, searched by threads. A large search is split between all of them, unless one waits for
 * every thread: then each thread takes some whole, and nothing is done twice.
 */
export class ThreadedIndex implements RowIndex {
  readonly space: SpaceKind
  readonly dimensions: number
  readonly #parts: Parts
  readonly #waiting: Waiting[] = []
  #tasks = 0

  constructor(parts: Parts) {
    this.#parts = parts
    this.space = parts.space
    this.dimensions = parts.rows.layout.dimensions
  }

  search(query: RowQuery, signal?: AbortSignal): Promise<RowAnswer> {
    // The rows of this moment, whenever the search's turn comes.
    const view = { rows: this.#parts.rows.view(), codes: this.#parts.coding?.view() ?? null }
    return this.#parts.admit(async () => {
      signal?.throwIfAborted()
      const followed = signal && this.#parts.stops?.follow(signal)
      const flagged = followed ? { ...query, stopFlag: followed.flag } : query
      try {
        return await new Promise<RowAnswer>((resolve, reject) => {
          this.#waiting.push({ query: flagged, signal, view, resolve, reject })
          // Searches of the same turn are shared out together.
          queueMicrotask(() => this.#startWaiting())
        })
      } finally {
        followed?.release()
      }
    })
  }

  async within(query: WithinQuery, signal?: AbortSignal): Promise<RowCount> {
    const counts = await this.#inParts(query, signal, (thread, task) => thread.call('within', task))
    const count = counts.reduce((sum, part) => sum + part.count, 0)
    return { count, levels: addedLevels(counts) }
  }

  async farthest(query: FarthestQuery, signal?: AbortSignal): Promise<RowAnswer> {
    const found = await this.#inParts(query, signal, (thread, task) =>
      thread.call('farthest', task),
    )
    return mergeAnswers(found.flat(), query.k, Number.NEGATIVE_INFINITY)
  }

  /** Has threads look at a range of the rows each. */
  #inParts<Query extends Pick<RowQuery, 'way' | 'stopFlag'>, Result>(
    query: Query,
    signal: AbortSignal | undefined,
    look: (
      thread: SearchThread,
      task: { space: SpaceKind; query: Query; range: RowsRange },
    ) => Promise<Result>,
  ): Promise<readonly Result[]> {
    const { rows, coding, admit, space } = this.#parts
    const view = { rows: rows.view(), codes: coding?.view() ?? null }
    return admit(async () => {
      signal?.throwIfAborted()
      const followed = signal && this.#parts.stops?.follow(signal)
      const flagged = followed ? { ...query, stopFlag: followed.flag } : query
      try {
        const parts = this.#partsOf([{ view, query }])
        const threads = this.#idleFirst()
        // The flag and the rows are for others only once no thread looks at them any more.
        const results = await allEnded(
          splitRows(view.rows.count, parts).map((range, i) => {
            const thread = threads[i]!
            provide(thread, view)
            return look(thread, { space, query: flagged, range })
          }),
        )
        signal?.throwIfAborted()
        return results
      } finally {
        followed?.release()
      }
    })
  }

  squares(query: Float32Array, rows: readonly number[]): Float64Array {
    const view = this.#parts.rows.view()
    if (view.stored !== null) throw new Error('expected rows in memory, found a file of rows')
    return this.#parts.squares.of(query, view, rows)
  }

  #startWaiting(): void {
    while (this.#waiting.length > 0) {
      const stopped = this.#waiting[0]!.signal
      if (stopped?.aborted) {
        this.#waiting.shift()!.reject(stopped.reason)
        continue
      }
      const free = TASKS_A_THREAD * this.#parts.threads.length - this.#tasks
      if (free <= 0) return
      void this.#runBatch(free)
    }
  }

  /**
   * Takes the first that waits, and those behind it that look at the same rows: a fair share of all.
   * @param free tasks that the threads take beside those they have.
   * @returns `parts`: the number of threads that it is split between.
   */
  #nextBatch(free: number): { readonly searches: readonly Waiting[]; readonly parts: number } {
    const { threads } = this.#parts
    const waiting = this.#waiting.length
    const { rows, codes } = this.#waiting[0]!.view
    const resumable = this.#waiting.some(({ query }) => isResumable(query))
    const enough = waiting >= threads.length && !resumable
    const share = enough ? Math.ceil(waiting / free) : waiting
    let size = 1
    while (size < Math.min(MAX_BATCH, share)) {
      const next = this.#waiting[size]!.view
      if (next.rows.count !== rows.count || next.codes?.coded !== codes?.coded) break
      size++
    }
    const searches = this.#waiting.splice(0, size)
    return { searches, parts: enough ? 1 : this.#partsOf(searches) }
  }

  #partsOf(
    searches: readonly {
      readonly view: SearchedView
      readonly query: Pick<RowQuery, 'way' | 'resumableAs'>
    }[],
  ): number {
    const { threads, splitAbove } = this.#parts
    const { rows, codes } = searches[0]!.view
    const { floats } = rows.layout
    const read = searches.reduce((sum, { query: { way } }) => {
      if (way?.kind === 'gather') return sum + componentsRead(way.rows, floats, false)
      return sum + componentsRead(rows.count, floats, (codes?.prefix ?? null) !== null)
    }, 0)
    if (read < splitAbove) return 1
    if (searches.some(({ query }) => isResumable(query))) return threads.length
    // A thread that has fallen behind gets nothing more: what it has may be of searches that are answered.
    return Math.max(
      1,
      threads.filter((thread) => thread.pendingOf(SEARCHES) < TASKS_A_THREAD).length,
    )
  }

  async #runBatch(free: number): Promise<void> {
    const { searches, parts } = this.#nextBatch(free)
    this.#tasks += parts
    try {
      const found = await this.#send(searches, parts)
      searches.forEach(({ query, signal, resolve, reject }, i) => {
        const answers = found.map((answers) => answers[i]!)
        // Of one that was stopped, the threads have looked at some of the rows only.
        if (signal?.aborted) reject(signal.reason)
        else resolve(mergeAnswers(answers, query.k, query.from))
      })
    } catch (error) {
      for (const { reject } of searches) reject(error)
    } finally {
      this.#tasks -= parts
      this.#startWaiting()
    }
  }

  #send(searches: readonly Waiting[], parts: number): Promise<readonly PartAnswers[]> {
    const { space } = this.#parts
    const { view } = searches[0]!
    const { rows } = view
    const queries = searches.map(({ query }) => this.#named(query))
    const chosen = this.#threadsFor(queries)
    const shared = parts === 1 ? null : sharedBy(parts, queries, rows.count)
    const replies = rangesOf(parts, shared, rows.count).map((range, i) => {
      const thread = chosen[i]!
      provide(thread, view)
      return thread.call('search', { space, queries, range, part: { part: i, shared } })
    })
    return answersOf(replies, shared)
  }

  /** Puts the idle ones first; but a search that may be resumed always meets the threads that know of it. */
  #threadsFor(queries: readonly RowQuery[]): readonly SearchThread[] {
    const { threads, number } = this.#parts
    if (!queries.some(isResumable)) {
      return this.#idleFirst()
    }
    const first = number % threads.length
    return [...threads.slice(first), ...threads.slice(0, first)]
  }

  #idleFirst(): readonly SearchThread[] {
    return [...this.#parts.threads].sort((a, b) => a.pending - b.pending)
  }

  /** The threads serve all indexes. Rows that are gathered have no bounds to resume with. */
  #named({ resumableAs, ...query }: RowQuery): RowQuery {
    if (resumableAs === undefined || query.way?.kind === 'gather') return query
    return { ...query, resumableAs: `${this.#parts.number}/${resumableAs}` }
  }
}

function isResumable({ resumableAs }: Pick<RowQuery, 'resumableAs'>): boolean {
  return resumableAs !== undefined
}

function provide(thread: SearchThread, { rows, codes }: SearchedView): void {
  thread.provide('rows', rows)
  thread.provide('codes', codes)
}

/** Each thread takes the rows it comes to; but those of a search that may be resumed are for the same thread again. */
function sharedBy(parts: number, queries: readonly RowQuery[], rows: number): SharedSearch {
  const k = Math.max(...queries.map((query) => query.k))
  const chunk = queries.some(isResumable) ? null : chunkRows(rows, parts)
  return sharedSearch(queries.length, { parts, k, chunk })
}

function rangesOf(parts: number, shared: SharedSearch | null, rows: number): RowsRange[] {
  if (shared === null || shared.chunk === null) return splitRows(rows, parts)
  return Array.from({ length: parts }, () => ({ first: 0, end: rows }))
}

/** Waits for all parts that had rows: once none are left, a thread that was busy with something else is not waited for. */
function answersOf(
  replies: readonly Promise<PartAnswers>[],
  shared: SharedSearch | null,
): Promise<readonly PartAnswers[]> {
  return new Promise((resolve, reject) => {
    const found = new Map<number, PartAnswers>()
    const isNeeded = (part: number) => shared === null || hasBegun(shared, part)
    replies.forEach((reply, part) => {
      reply.then((answers) => {
        found.set(part, answers)
        if (replies.every((_, i) => found.has(i) || !isNeeded(i))) resolve([...found.values()])
      }, reject)
    })
  })
}
