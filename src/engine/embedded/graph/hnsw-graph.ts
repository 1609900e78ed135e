import { AppError, messageOf } from '../../../errors.ts'
import type {
  ApproximateIndex,
  FoundVersions,
  GraphContents,
  GraphState,
  VersionedRows,
} from '../../../index/graph/approximate-index.ts'
import type { VectorRows } from '../../../kernels/vector-rows.ts'
import type { CachePlace } from '../cache-files/cache-place.ts'
import { pinned } from '../rows/pinned.ts'
import { EndedInFile } from './ended-in-file.ts'
import { removeGraph } from './graph-folder.ts'
import type { GraphOwner } from './graph-owner.ts'
import { GraphRows } from './graph-rows.ts'
import { MAX_LABEL } from './hnsw.ts'

interface Parts {
  readonly owner: GraphOwner
  readonly rows: VectorRows
  /** Records from which a graph is made; Infinity for none ever. */
  readonly fromRecords: number
  /** Where its file is, for the next start; null for nowhere. */
  readonly place: CachePlace | null
  readonly notice: (notice: GraphNotice) => void
}

export interface GraphNotice {
  readonly collection: number
  readonly file: 'not used' | 'not written'
  readonly reason: string
}

/** Versions added in one task: the rows are pinned that long. */
const ADDED_AT_ONCE = 128
/** Graphs begun again after a failure; then the exact index answers for good. */
const MAX_FAILURES = 3
/** Removals in a graph take their turn; meanwhile up to this many more are searched for, so that none is short. */
const MAX_EXTRA = 64

/**
 * The graph of one collection. It is made in the background; when too much of it has ended, another is made beside it. All
 * that changes a graph goes through `#work`, one task after the other.
 */
export class HnswGraph implements ApproximateIndex {
  readonly #parts: Parts
  readonly #endedInFile = new EndedInFile({ whenDue: () => this.#work() })
  #versions: VersionedRows | null = null
  #current: GraphRows | null = null
  #next: GraphRows | null = null
  #working = false
  #turn: Promise<void> = Promise.resolve()
  #state: 'open' | 'finishing' | 'released' = 'open'
  #rebuildWanted = false
  #fileTried = false
  /** Whether a version has ended, perhaps one that a file holds which was never read. */
  #someEnded = false
  #failures = 0
  #failure: string | null = null

  constructor(parts: Parts) {
    this.#parts = parts
  }

  get state(): GraphState {
    if (this.#failure !== null) return { kind: 'failed', reason: this.#failure }
    const making = this.#progress()
    const current = this.#current
    if (current === null && making !== null) return { kind: 'building', ...making }
    if (current === null) return { kind: 'none', reason: this.#reasonForNone() }
    return { kind: 'ready', ...current.counts, rebuilding: making }
  }

  get contents(): GraphContents | null {
    const current = this.#current
    if (current === null) return null
    return { graph: current.graph, changes: current.changes, records: current.held.size }
  }

  get memoryBytes(): number {
    const { dimensions } = this.#parts.rows.layout
    return [...this.#graphs()].reduce((sum, graph) => sum + graph.memoryBytes(dimensions), 0)
  }

  start(rows: VersionedRows): void {
    this.#versions = rows
    this.#work()
  }

  written(row: number): void {
    for (const graph of this.#graphs()) graph.missing.add(row)
    this.#work()
  }

  freed(row: number): void {
    if (this.#versions === null) return
    const key = this.#versions.slots.key(row)
    for (const graph of this.#graphs()) graph.freed(row, key)
    // Without a graph nobody knows its node: in the file it may have one of its own.
    if (this.#current === null && this.#next === null) this.#endedInFile.ended(key)
    this.#someEnded = true
    this.#work()
  }

  async search(vector: Float32Array, wanted: number, ef: number): Promise<FoundVersions> {
    const current = this.#current
    if (current === null) throw new AppError('NOT_READY', 'expected a graph, found none')
    const { graph, ended } = current
    const most = wanted + Math.min(ended, MAX_EXTRA)
    try {
      return await this.#parts.owner.search({ graph, vector, wanted: most, ef })
    } catch (error) {
      const isLost = error instanceof AppError && error.code === 'THREAD_FAILED'
      if (isLost && current === this.#current) {
        this.#failed(error)
        this.#work()
      }
      throw error
    }
  }

  fresh(allowed: Uint32Array | null): Uint32Array | null {
    return this.#current?.missing.within(allowed) ?? null
  }

  rebuild(): void {
    this.#rebuildWanted = true
    this.#work()
  }

  /** Erases what has ended from the file; nothing else is begun any more. To be called before the owner is closed. */
  async finish(): Promise<void> {
    if (this.#state === 'open') this.#state = 'finishing'
    this.#work()
    await this.#turn
  }

  release(): void {
    this.#state = 'released'
    this.#dropAll()
    this.#work()
  }

  /** Tells how far the next graph is; null where none is made or will be. */
  #progress(): { done: number; wanted: number } | null {
    if (this.#next !== null) {
      const { held, missing } = this.#next
      return { done: held.size, wanted: held.size + missing.size }
    }
    return this.#rebuildWanted ? { done: 0, wanted: this.#versions?.slots.count ?? 0 } : null
  }

  *#graphs(): Generator<GraphRows> {
    if (this.#current !== null) yield this.#current
    if (this.#next !== null) yield this.#next
  }

  #work(): void {
    if (this.#working || this.#versions === null) return
    this.#turn = this.#takeSteps()
  }

  async #takeSteps(): Promise<void> {
    this.#working = true
    for (;;) {
      try {
        const step = this.#nextStep()
        if (step === null) break
        await step
      } catch (error) {
        this.#failed(error)
      }
    }
    this.#working = false
    if (this.#state !== 'released') return
    this.#dropAll()
    const { owner, place } = this.#parts
    // What a thread that ends leaves behind, the next start removes.
    if (place !== null) owner.call('forget', place).catch(() => undefined)
  }

  /** Begins what is to be done next; null when there is nothing. */
  #nextStep(): Promise<void> | null {
    const { owner, rows, place } = this.#parts
    if (this.#state === 'released') return null
    const { isDue, count } = this.#endedInFile
    const finishing = this.#state === 'finishing'
    const stale = [...this.#graphs()].find(({ ended }) => ended > 0)
    if (finishing && stale) return this.#remove(stale)
    if (place !== null && (isDue || (finishing && count > 0))) return this.#erase(place)
    if (finishing || this.#failure !== null) return null
    if (!this.#fileTried && this.#isLarge()) return this.#load()
    if (place !== null && this.#mustForget()) {
      this.#fileTried = true
      return removeGraph(place)
    }
    if (stale) return this.#remove(stale)
    const growing = this.#next ?? this.#current
    if (growing !== null && growing.missing.size > 0) return this.#add(growing)
    if (this.#next !== null) return this.#swap(this.#next)
    const current = this.#current
    if (current !== null && !this.#rebuildWanted && !current.isWornOut) {
      return place !== null && current.isSaveDue ? this.#save(current, place) : null
    }
    this.#rebuildWanted = false
    if (!this.#isLarge()) return current === null ? null : this.#swap(null)
    const { graph } = this.#begin()
    return owner.call('create', { graph, dimensions: rows.layout.dimensions })
  }

  #reasonForNone(): string {
    const { fromRecords } = this.#parts
    if (fromRecords === Number.POSITIVE_INFINITY) return 'graphs are switched off'
    if (this.#versions === null || this.#isLarge()) return 'not begun'
    return `fewer than ${fromRecords} records`
  }

  #isLarge(): boolean {
    return this.#versions!.slots.count >= this.#parts.fromRecords
  }

  async #load(): Promise<void> {
    this.#fileTried = true
    const { owner, rows, place, notice } = this.#parts
    if (place === null) return
    await pinned(this.#versions!, async () => {
      const next = this.#begin()
      const loading = next.beginAdding(Number.POSITIVE_INFINITY, this.#versions!.slots)
      const { numbers, keys } = loading
      const args = { graph: next.graph, place, rows: rows.view(), numbers, keys }
      const result = await owner.call('load', args)
      this.#next = null
      if (result.kind === 'loaded') {
        next.loaded(loading, result)
        this.#current = next
        this.#endedInFile.hasFile(result.ended)
      } else if (result.kind === 'refused') {
        notice({ collection: place.collection, file: 'not used', reason: result.reason })
      }
    })
  }

  /** Answers need no file: where it cannot be written, that is tried again after more changes. */
  async #save(graph: GraphRows, place: CachePlace): Promise<void> {
    const { owner, notice } = this.#parts
    graph.wasSaved()
    // Versions that end while it is written are erased afterwards.
    this.#endedInFile.hasFile()
    const reason = await owner.call('save', { graph: graph.graph, place })
    if (reason === null) return
    notice({ collection: place.collection, file: 'not written', reason })
  }

  /** Nobody reads the file of a small collection: nothing would be erased from it. */
  #mustForget(): boolean {
    if (this.#fileTried) return false
    return this.#someEnded || this.#parts.fromRecords < Number.POSITIVE_INFINITY
  }

  /** A file that cannot be changed is dropped: the graph stays, and is written again after more changes. */
  async #erase(place: CachePlace): Promise<void> {
    const { owner, rows, notice } = this.#parts
    const { dimensions } = rows.layout
    await this.#endedInFile.erase(async (labels) => {
      const reason = await owner.call('erase', { place, dimensions, labels })
      if (reason === null) return
      this.#endedInFile.hasNoFile()
      notice({ collection: place.collection, file: 'not used', reason })
    })
  }

  #begin(): GraphRows {
    this.#next = new GraphRows(this.#parts.owner.newGraph(), this.#versions!.slots.rowsInUse())
    return this.#next
  }

  async #add(graph: GraphRows): Promise<void> {
    await pinned(this.#versions!, async () => {
      const adding = graph.beginAdding(ADDED_AT_ONCE, this.#versions!.slots)
      const { numbers, keys } = adding
      const tooLarge = keys.find((key) => key > MAX_LABEL)
      if (tooLarge !== undefined) {
        throw new Error(`expected a version of at most ${MAX_LABEL}, got ${tooLarge}`)
      }
      const rows = this.#parts.rows.view()
      const nodes = await this.#parts.owner.call('add', { graph: graph.graph, rows, numbers, keys })
      graph.added(adding, nodes)
    })
  }

  async #remove(graph: GraphRows): Promise<void> {
    const keys = graph.takeEnded()
    const gone = await this.#parts.owner.call('remove', { graph: graph.graph, keys })
    graph.removed(keys.length - gone.length)
    if (graph === this.#current) for (const label of gone) this.#endedInFile.ended(label)
  }

  async #swap(next: GraphRows | null): Promise<void> {
    const last = this.#current
    this.#current = next
    this.#next = null
    if (last !== null) await this.#parts.owner.call('drop', { graph: last.graph })
  }

  #failed(error: unknown): void {
    if (this.#state === 'released') return
    this.#dropAll()
    if (++this.#failures >= MAX_FAILURES) this.#failure = messageOf(error)
  }

  #dropAll(): void {
    for (const { graph } of this.#graphs()) {
      // A thread that has ended holds no graph any more.
      this.#parts.owner.call('drop', { graph }).catch(() => undefined)
    }
    this.#current = null
    this.#next = null
  }
}
