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
import type { GraphOwner } from './graph-owner.ts'
import { GraphRows } from './graph-rows.ts'
import { MAX_LABEL } from './hnsw.ts'
import { type GraphNotice, KeptGraph } from './kept-graph.ts'

interface Parts {
  readonly owner: GraphOwner
  readonly rows: VectorRows
  /** Records from which a graph is made; Infinity for none ever. */
  readonly fromRecords: number
  /** Where its file is, for the next start; null for nowhere. */
  readonly place: CachePlace | null
  readonly notice: (notice: GraphNotice) => void
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
  /** Null where none is kept. */
  readonly #file: KeptGraph | null
  #versions: VersionedRows | null = null
  #current: GraphRows | null = null
  #next: GraphRows | null = null
  #working = false
  #turn: Promise<void> = Promise.resolve()
  #state: 'open' | 'finishing' | 'released' = 'open'
  #rebuildWanted = false
  /** Whether a version has ended, perhaps one that a file holds which was never read. */
  #someEnded = false
  #failures = 0
  #failure: string | null = null
  /** Who waits until what has ended is erased from the file. */
  #waiting: (() => void)[] = []

  constructor(parts: Parts) {
    const { owner, rows, place, notice } = parts
    const whenDue = () => this.#work()
    this.#parts = parts
    this.#file = place && new KeptGraph({ owner, rows, place, notice, whenDue })
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

  erased(): Promise<void> {
    // Until it starts it has no file of this process, and what is read then is compared with the truth.
    if (this.#versions === null || this.#state !== 'open') return Promise.resolve()
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      this.#work()
    })
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
    this.#tellErased()
    if (this.#state !== 'released') return
    this.#dropAll()
    const { owner, place } = this.#parts
    // What a thread that ends leaves behind, the next start removes.
    if (place !== null) owner.call('forget', place).catch(() => undefined)
  }

  /** Begins what is to be done next; null when there is nothing. */
  #nextStep(): Promise<void> | null {
    const { owner, rows } = this.#parts
    const file = this.#file
    if (this.#state === 'released') return null
    const finishing = this.#state === 'finishing'
    const urgent = finishing || this.#waiting.length > 0
    const stale = [...this.#graphs()].find(({ ended }) => ended > 0)
    if (urgent && stale) return this.#remove(stale)
    const due = file?.due(urgent) ?? null
    if (due !== null) return due
    if (finishing || this.#failure !== null) return null
    if (file !== null && !file.wasTried) {
      if (this.#isLarge()) return this.#load(file)
      if (this.#mustForget()) return file.remove()
    }
    this.#tellErased()
    if (stale) return this.#remove(stale)
    const growing = this.#next ?? this.#current
    if (growing !== null && growing.missing.size > 0) return this.#add(growing)
    if (this.#next !== null) return this.#swap(this.#next)
    const current = this.#current
    if (current !== null && !this.#rebuildWanted && !current.isWornOut) {
      return file !== null && current.isSaveDue ? file.save(current) : null
    }
    this.#rebuildWanted = false
    if (!this.#isLarge()) return current === null ? null : this.#swap(null)
    const { graph } = this.#begin()
    return owner.call('create', { graph, dimensions: rows.layout.dimensions })
  }

  #tellErased(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
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

  async #load(file: KeptGraph): Promise<void> {
    const versions = this.#versions!
    await pinned(versions, async () => {
      const next = this.#begin()
      const isLoaded = await file.load(next, versions.slots)
      this.#next = null
      if (isLoaded) this.#current = next
    })
  }

  /** Nobody reads the file of a small collection: nothing would be erased from it. */
  #mustForget(): boolean {
    return this.#someEnded || this.#parts.fromRecords < Number.POSITIVE_INFINITY
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
    if (graph === this.#current) this.#file?.ended(graph, gone)
  }

  async #swap(next: GraphRows | null): Promise<void> {
    const last = this.#current
    this.#current = next
    this.#next = null
    if (next === null) this.#file?.lost()
    if (last !== null) await this.#parts.owner.call('drop', { graph: last.graph })
  }

  #failed(error: unknown): void {
    if (this.#state === 'released') return
    this.#dropAll()
    // After a stop the next start compares the file with the truth.
    if (!(error instanceof AppError && error.code === 'SHUTTING_DOWN')) this.#file?.lost()
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
