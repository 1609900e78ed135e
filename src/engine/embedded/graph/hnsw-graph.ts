import { AppError } from '../../../errors.ts'
import type {
  ApproximateIndex,
  GraphState,
  VersionedRows,
} from '../../../index/graph/approximate-index.ts'
import type { VectorRows } from '../../../kernels/vector-rows.ts'
import type { CachePlace } from '../cache-files/cache-place.ts'
import type { GraphOwner } from './graph-owner.ts'
import { GraphRows } from './graph-rows.ts'
import { GRAPH_LINKS, MAX_LABEL } from './hnsw.ts'

interface Parts {
  readonly owner: GraphOwner
  readonly rows: VectorRows
  /** Records from which a graph is made; Infinity for none ever. */
  readonly fromRecords: number
  /** Where it is kept from one start to the next; null for nowhere. */
  readonly place: CachePlace | null
  /** Hears of a file that could not be used or written. */
  readonly notice: (notice: GraphNotice) => void
}

export interface GraphNotice {
  readonly collection: number
  readonly file: 'not used' | 'not written'
  readonly reason: string
}

/** Versions added in one task: the rows are held that long. */
const ADDED_AT_ONCE = 128
/** Share of the versions in a graph that may have ended before it is made anew. */
const DEAD_SHARE = 0.2
/** Graphs begun again after a failure; then the exact index answers for good. */
const MAX_FAILURES = 3
/** Removals in a graph take their turn; so many more are asked for, not to come back short meanwhile. */
const MAX_EXTRA = 64
/** Changes after which the file is written anew: the next start makes up for as many by itself. */
const SAVED_AFTER = 1000
const SAVED_AFTER_SHARE = 0.05

/**
 * The graph of one collection. It is made in the background, and made anew beside the one that answers when too much of
 * that has ended. All that changes a graph goes through `#work`, one task after the other.
 */
export class HnswGraph implements ApproximateIndex {
  readonly #parts: Parts
  #versions: VersionedRows | null = null
  #current: GraphRows | null = null
  #next: GraphRows | null = null
  #working = false
  #released = false
  #rebuildWanted = false
  #fileTried = false
  #failures = 0
  #failure: string | null = null

  constructor(parts: Parts) {
    this.#parts = parts
  }

  get state(): GraphState {
    if (this.#failure !== null) return { kind: 'failed', reason: this.#failure }
    const making = this.#progress()
    const current = this.#current
    if (current === null)
      return making === null
        ? { kind: 'none', reason: this.#reasonForNone() }
        : { kind: 'building', ...making }
    return {
      kind: 'ready',
      records: current.held,
      fresh: current.missing.size,
      dead: current.dead,
      rebuilding: making,
    }
  }

  get memoryBytes(): number {
    const versionBytes = this.#parts.rows.layout.dimensions * 4 + GRAPH_LINKS * 2 * 4 + 64
    let versions = 0
    for (const graph of this.#graphs()) versions += graph.held + graph.dead
    return versions * versionBytes
  }

  start(rows: VersionedRows): void {
    this.#versions = rows
    void this.#work()
  }

  written(row: number): void {
    for (const graph of this.#graphs()) graph.written(row)
    void this.#work()
  }

  freed(row: number): void {
    if (this.#versions === null) return
    const key = this.#versions.key(row)
    for (const graph of this.#graphs()) graph.freed(row, key)
    void this.#work()
  }

  async search(vector: Float32Array, wanted: number, ef: number): Promise<Float64Array> {
    const current = this.#current
    if (current === null) throw new AppError('NOT_READY', 'expected a graph, found none')
    const { graph, unheardOf } = current
    const asked = wanted + Math.min(unheardOf, MAX_EXTRA)
    try {
      return await this.#parts.owner.search({ graph, vector, wanted: asked, ef })
    } catch (error) {
      this.#searchFailed(current, error)
      throw error
    }
  }

  fresh(allowed: Uint32Array | null): Uint32Array | null {
    return this.#current?.missing.within(allowed) ?? null
  }

  rebuild(): void {
    this.#rebuildWanted = true
    void this.#work()
  }

  release(): void {
    this.#released = true
    this.#dropAll()
    void this.#work()
  }

  /** Of the graph that is made, or will be as soon as that is possible. */
  #progress(): { done: number; wanted: number } | null {
    if (this.#next === null) {
      return this.#rebuildWanted ? { done: 0, wanted: this.#versions?.count ?? 0 } : null
    }
    return { done: this.#next.held, wanted: this.#next.held + this.#next.missing.size }
  }

  *#graphs(): Generator<GraphRows> {
    if (this.#current !== null) yield this.#current
    if (this.#next !== null) yield this.#next
  }

  async #work(): Promise<void> {
    if (this.#working || this.#versions === null) return
    this.#working = true
    for (let step = this.#nextStep(); step !== null; step = this.#nextStep()) {
      try {
        await step()
      } catch (error) {
        this.#failed(error)
      }
    }
    this.#working = false
    if (!this.#released) return
    this.#dropAll()
    this.#forget()
  }

  /** Null when there is nothing to do. */
  #nextStep(): (() => Promise<void>) | null {
    if (this.#released || this.#failure !== null) return null
    if (!this.#fileTried && this.#isLarge()) return () => this.#load()
    for (const graph of this.#graphs()) if (graph.unheardOf > 0) return () => this.#remove(graph)
    const growing = this.#next ?? this.#current
    if (growing !== null && growing.missing.size > 0) return () => this.#add(growing)
    if (this.#next !== null) return () => this.#swap(this.#next)
    const current = this.#current
    if (current !== null && !this.#isWornOut(current)) return this.#saving(current)
    this.#rebuildWanted = false
    if (this.#isLarge()) return () => this.#create()
    return current === null ? null : () => this.#swap(null)
  }

  #reasonForNone(): string {
    const { fromRecords } = this.#parts
    if (fromRecords === Number.POSITIVE_INFINITY) return 'graphs are switched off'
    if (this.#versions === null || this.#isLarge()) return 'not begun'
    return `fewer than ${fromRecords} records`
  }

  #isLarge(): boolean {
    return this.#versions!.count >= this.#parts.fromRecords
  }

  #saving(graph: GraphRows): (() => Promise<void>) | null {
    const { place } = this.#parts
    const due = Math.max(SAVED_AFTER, graph.held * SAVED_AFTER_SHARE)
    // The first file is due at once.
    if (place === null || (graph.saved && graph.changes < due)) return null
    return () => this.#save(graph, place)
  }

  #isWornOut({ held, dead }: GraphRows): boolean {
    return this.#rebuildWanted || dead > (held + dead) * DEAD_SHARE
  }

  async #load(): Promise<void> {
    this.#fileTried = true
    const { owner, rows, place } = this.#parts
    if (place === null) return
    const versions = this.#versions!
    const release = versions.pin()
    try {
      const graph = owner.newGraph()
      const next = new GraphRows(graph, versions.inUse())
      this.#next = next
      const loading = next.beginAdding(Number.POSITIVE_INFINITY, (row) => versions.key(row))
      const { numbers, keys } = loading
      const args = { graph, place, rows: rows.view(), numbers, keys }
      const result = await owner.call('load', args)
      this.#next = null
      if (result.kind === 'loaded') {
        next.loaded(loading, result.held, result.dead)
        this.#current = next
      } else if (result.reason !== null) {
        this.#parts.notice({
          collection: place.collection,
          file: 'not used',
          reason: result.reason,
        })
      }
    } finally {
      release()
    }
  }

  /** The answers need no file: where it cannot be written, it is tried again after as many changes. */
  async #save(graph: GraphRows, place: CachePlace): Promise<void> {
    graph.wasSaved()
    const refused = await this.#parts.owner.call('save', { graph: graph.graph, place })
    if (refused === null || refused.reason === null) return
    const { collection } = place
    this.#parts.notice({ collection, file: 'not written', reason: refused.reason })
  }

  /** The collection is gone, and with it its files. */
  #forget(): void {
    const { owner, place } = this.#parts
    // What a thread that ends leaves behind, the next start removes.
    if (place !== null) owner.call('forget', place).catch(() => undefined)
  }

  async #create(): Promise<void> {
    const { owner, rows } = this.#parts
    const graph = owner.newGraph()
    this.#next = new GraphRows(graph, this.#versions!.inUse())
    await owner.call('create', { graph, dimensions: rows.layout.dimensions })
  }

  async #add(graph: GraphRows): Promise<void> {
    const versions = this.#versions!
    const release = versions.pin()
    try {
      const adding = graph.beginAdding(ADDED_AT_ONCE, (row) => versions.key(row))
      checkLabels(adding.keys)
      const { numbers, keys } = adding
      const rows = this.#parts.rows.view()
      await this.#parts.owner.call('add', { graph: graph.graph, rows, numbers, keys })
      graph.added(adding)
    } finally {
      release()
    }
  }

  async #remove(graph: GraphRows): Promise<void> {
    const keys = graph.takeEnded()
    await this.#parts.owner.call('remove', { graph: graph.graph, keys })
  }

  async #swap(next: GraphRows | null): Promise<void> {
    const last = this.#current
    this.#current = next
    this.#next = null
    if (last !== null) await this.#parts.owner.call('drop', { graph: last.graph })
  }

  #searchFailed(graph: GraphRows, error: unknown): void {
    const lost = error instanceof AppError && error.code === 'THREAD_FAILED'
    if (!lost || graph !== this.#current) return
    this.#failed(error)
    void this.#work()
  }

  #failed(error: unknown): void {
    if (this.#released) return
    this.#dropAll()
    if (++this.#failures < MAX_FAILURES) return
    this.#failure = error instanceof Error ? error.message : String(error)
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

function checkLabels(keys: Float64Array): void {
  for (const key of keys) {
    if (key > MAX_LABEL) throw new Error(`expected a version of at most ${MAX_LABEL}, got ${key}`)
  }
}
