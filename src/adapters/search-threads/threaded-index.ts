import type { RowCoding } from '../../index/cascade/row-coding.ts'
import { mergeAnswers } from '../../index/merge-answers.ts'
import { splitRows } from '../../index/rows-range.ts'
import type { VectorAnswer, VectorIndex, VectorQuery } from '../../index/vector-index.ts'
import type { StoredRows } from '../../kernels/stored-rows.ts'
import type { VectorRows } from '../../kernels/vector-rows.ts'
import type { SpaceKind } from '../../vector/space.ts'
import type { MemoryThread } from './memory-thread.ts'
import type { FromThread, SearchTask } from './protocol.ts'

type SearchThread = MemoryThread<SearchTask, Exclude<FromThread, { readonly failure: string }>>

interface Parts {
  /** Tells indexes apart. */
  readonly number: number
  readonly threads: readonly SearchThread[]
  readonly splitAbove: number
  readonly rows: VectorRows | StoredRows
  readonly space: SpaceKind
  readonly coding: RowCoding | null
  readonly admit: <T>(search: () => Promise<T>) => Promise<T>
}

interface Waiting {
  readonly query: VectorQuery
  readonly view: Pick<SearchTask, 'rows' | 'codes'>
  readonly resolve: (answer: VectorAnswer) => void
  readonly reject: (error: unknown) => void
}

/** Queries that share a pass over the codes. */
const MAX_BATCH = 16
/** Batches of one collection under way at once; further queries wait and make up the next batch. */
const MAX_RUNNING = 2

/** The rows of one collection, searched by threads. A large search is split between all of them. */
export class ThreadedIndex implements VectorIndex {
  readonly space: SpaceKind
  readonly dimensions: number
  readonly #parts: Parts
  readonly #waiting: Waiting[] = []
  #running = 0

  constructor(parts: Parts) {
    this.#parts = parts
    this.space = parts.space
    this.dimensions = parts.rows.layout.dimensions
  }

  search(query: VectorQuery, signal?: AbortSignal): Promise<VectorAnswer> {
    // The rows of this moment, whenever the search's turn comes.
    const view = { rows: this.#parts.rows.view(), codes: this.#parts.coding?.view() ?? null }
    return this.#parts.admit(async () => {
      signal?.throwIfAborted()
      return await new Promise<VectorAnswer>((resolve, reject) => {
        this.#waiting.push({ query, view, resolve, reject })
        this.#startWaiting()
      })
    })
  }

  #startWaiting(): void {
    while (this.#running < MAX_RUNNING && this.#waiting.length > 0) {
      void this.#run(this.#nextBatch())
    }
  }

  /** The first that waits, and those behind it that look at the same rows. */
  #nextBatch(): readonly Waiting[] {
    const { rows, codes } = this.#waiting[0]!.view
    let size = 1
    while (size < Math.min(MAX_BATCH, this.#waiting.length)) {
      const next = this.#waiting[size]!.view
      if (next.rows.count !== rows.count || next.codes?.coded !== codes?.coded) break
      size++
    }
    return this.#waiting.splice(0, size)
  }

  async #run(batch: readonly Waiting[]): Promise<void> {
    this.#running++
    try {
      const parts = await Promise.all(this.#ask(batch))
      batch.forEach(({ query, resolve }, i) => {
        const answers = parts.map((answers) => answers[i]!)
        resolve(mergeAnswers(answers, query.k, query.from))
      })
    } catch (error) {
      for (const { reject } of batch) reject(error)
    } finally {
      this.#running--
      this.#startWaiting()
    }
  }

  #ask(batch: readonly Waiting[]): Promise<readonly VectorAnswer[]>[] {
    const { threads, splitAbove, space } = this.#parts
    const { rows, codes } = batch[0]!.view
    const looked = batch.reduce((sum, { query }) => {
      return sum + (query.way?.kind === 'gather' ? query.way.rows : rows.count)
    }, 0)
    const work = looked * rows.layout.floats
    const parts = work < splitAbove ? 1 : threads.length
    const queries = batch.map(({ query }) => this.#named(query))
    const chosen = this.#threadsFor(queries)
    return splitRows(rows.count, parts).map(async (range, i) => {
      const reply = await chosen[i]!.ask({ rows, codes, space, queries, range })
      return reply.answers
    })
  }

  /** The idle ones first; but a search that may go on always meets the threads that know of it. */
  #threadsFor(queries: readonly VectorQuery[]): readonly SearchThread[] {
    const { threads, number } = this.#parts
    if (queries.every(({ ranking }) => ranking === undefined)) {
      return [...threads].sort((a, b) => a.pending - b.pending)
    }
    const first = number % threads.length
    return [...threads.slice(first), ...threads.slice(0, first)]
  }

  /** The threads are those of all indexes. Rows that are gathered have no bounds to go on with. */
  #named({ ranking, ...query }: VectorQuery): VectorQuery {
    if (ranking === undefined || query.way?.kind === 'gather') return query
    return { ...query, ranking: `${this.#parts.number}/${ranking}` }
  }
}
