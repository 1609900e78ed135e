import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import hnswlib from 'hnswlib-node'
import { GraphOwner } from '../../src/engine/embedded/graph/graph-owner.ts'
import { HnswGraph } from '../../src/engine/embedded/graph/hnsw-graph.ts'
import { RowSlots } from '../../src/engine/embedded/rows/row-slots.ts'
import { searchGraph } from '../../src/engine/embedded/search/graph-search.ts'
import { SearchThreads } from '../../src/engine/embedded/search/search-threads.ts'
import type { RowAnswer, RowIndex, RowQuery } from '../../src/index/row-index.ts'
import { RowCoding } from '../../src/index/scan/cascade/row-coding.ts'
import { BlockMemory } from '../../src/kernels/block-memory.ts'
import { VectorRows } from '../../src/kernels/vector-rows.ts'
import type { GraphBench } from './graph-bench.ts'

/** How long it took to make the graph, and the exact searches that one caller made meanwhile. */
export interface Making {
  readonly seconds: number
  /** Milliseconds of each search. */
  readonly exactMs: readonly number[]
}

/** The parts of the service that search a graph, without the service. */
export class GraphInProcess {
  readonly rows: VectorRows
  readonly #bench: GraphBench
  readonly #threads: SearchThreads
  readonly #owner: GraphOwner
  readonly #graph: HnswGraph
  readonly #index: RowIndex
  readonly #slots = new RowSlots()
  readonly #coding: RowCoding

  constructor(bench: GraphBench) {
    const memory = new BlockMemory()
    const kernels = new URL('../../src/kernels/kernels.wasm', import.meta.url)
    const module = new WebAssembly.Module(readFileSync(kernels))
    this.#bench = bench
    this.#threads = new SearchThreads({ memory, module, threads: 2 })
    this.#owner = new GraphOwner(memory)
    this.rows = new VectorRows(memory, bench.dimensions)
    this.#coding = new RowCoding(memory, this.#threads.coder, bench.dimensions)
    this.#index = this.#threads.index(this.rows, 'cosine', this.#coding)
    const place = {
      folder: bench.graphFolder,
      collection: 1,
      generation: 0,
      metric: 'cosine' as const,
    }
    const notice = ({ reason }: { reason: string }) => process.stderr.write(`${reason}\n`)
    const { rows } = this
    this.#graph = new HnswGraph({ owner: this.#owner, rows, fromRecords: 1, place, notice })
  }

  /** Puts the records into memory, and codes them. */
  async fill(): Promise<void> {
    const { rows } = this
    for (const [i, vector] of this.#bench.vectors.entries()) {
      this.#slots.occupy(rows.append(vector), i + 1, `v${i}`)
    }
    while (this.#coding.pending(rows.count)) await this.#coding.advance(rows.view(), () => 0)
  }

  /** Makes the graph and its file. Returns null where there is a file already, which it reads. */
  async makeGraph(): Promise<Making | null> {
    const file = join(this.#bench.graphFolder, '1.json')
    const isThere = existsSync(file)
    const slots = this.#slots
    const started = performance.now()
    this.#graph.start({
      count: this.rows.count,
      inUse: () => slots.rowsInUse(),
      key: (row) => slots.key(row),
      pin: () => () => undefined,
    })
    const exactMs: number[] = []
    const { queries } = this.#bench
    for (let i = 0; this.#graph.state.kind !== 'ready'; i++) {
      const before = performance.now()
      await this.exact(queries[i % queries.length]!)
      exactMs.push(performance.now() - before)
    }
    const seconds = (performance.now() - started) / 1000
    while (!existsSync(file)) await new Promise(setImmediate)
    return isThere ? null : { seconds, exactMs }
  }

  /** Finds the rows exactly, the nearest first. */
  async exact(vector: Float32Array): Promise<readonly number[]> {
    return this.#nearest(await this.#index.search(this.#queryOf(vector)))
  }

  /** Finds rows by the graph, as the service does, with their canonical distances. */
  async search(vector: Float32Array, ef: number): Promise<readonly number[]> {
    const parts = { graph: this.#graph, index: this.#index, slots: this.#slots }
    const offer = { fetch: this.#bench.k, ef }
    return this.#nearest(await searchGraph(parts, this.#queryOf(vector), this.rows.count, offer))
  }

  /** Opens the same graph with the library alone. It searches one query after the other, in this thread. */
  openAddon(): (query: readonly number[], ef: number) => readonly number[] {
    const { dimensions, graphFolder, k } = this.#bench
    const addon = new hnswlib.HierarchicalNSW('l2', dimensions)
    const file = readdirSync(graphFolder).find((name) => name.endsWith('.hnsw'))!
    addon.readIndexSync(join(graphFolder, file))
    return (query, ef) => {
      addon.setEf(ef)
      return addon.searchKnn(query as number[], k).neighbors.map((key) => key - 1)
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#threads.close(), this.#owner.close()])
  }

  #queryOf(vector: Float32Array): RowQuery {
    const { k } = this.#bench
    return { vector, k, radius: Number.POSITIVE_INFINITY, from: -1, allowed: null }
  }

  /** Takes the k nearest rows of an answer, which may hold more at the same distance. */
  #nearest({ rows, distances }: RowAnswer): readonly number[] {
    return [...rows.keys()]
      .sort((a, b) => distances[a]! - distances[b]!)
      .slice(0, this.#bench.k)
      .map((i) => rows[i]!)
  }
}
