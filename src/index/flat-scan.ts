import { BLOCK_BYTES, blockAddress, MAX_THREADS, scratchOffset } from '../kernels/block-memory.ts'
import { bindScanKernel, kernelBound, type ScanKernel } from '../kernels/scan-kernel.ts'
import type { RowsView } from '../kernels/vector-rows.ts'
import { distanceFromSquared, type SpaceKind, squaredBound } from '../vector/space.ts'
import { squaredEuclidean } from '../vector/squared-euclidean.ts'
import { Nearest } from './nearest.ts'
import type { VectorAnswer, VectorQuery } from './vector-index.ts'

/** A run of blocks: a share of the rows that one thread scans. */
export interface BlockRange {
  readonly first: number
  /** Exclusive. */
  readonly end: number
}

// The scratch block of a thread: the query, the rows to look at, the rows found. A block holds at
// most 16,384 rows, so each part fits a quarter.
const LISTED_OFFSET = BLOCK_BYTES / 4
const FOUND_OFFSET = BLOCK_BYTES / 2
/** Below this share of allowed rows a block is scanned by list. */
const LIST_BELOW = 0.7

/** Scans rows in shared memory: a float32 kernel drops what is provably too far, float64 decides. */
export class FlatScan {
  readonly #module: WebAssembly.Module
  readonly #scratch: number
  readonly #kernels: ScanKernel[] = []

  /** @param thread the scratch space to use, 0 to 63; no two scans may run at once on one. */
  constructor(module: WebAssembly.Module, thread: number) {
    if (thread >= MAX_THREADS) throw new RangeError(`thread ${thread} of ${MAX_THREADS}`)
    this.#module = module
    this.#scratch = scratchOffset(thread)
  }

  addSegment(memory: WebAssembly.Memory): void {
    this.#kernels.push(bindScanKernel(this.#module, memory))
  }

  search(rows: RowsView, space: SpaceKind, query: VectorQuery, range: BlockRange): VectorAnswer {
    const { layout } = rows
    const blocks = new Int32Array(rows.blocks)
    const nearest = new Nearest(query.k, query.radius)
    const atFrom: number[] = []
    let scanned = 0
    let canonical = 0
    const loaded = new Set<number>()
    for (let b = range.first; b < range.end; b++) {
      const firstRow = b * layout.rowsPerBlock
      const count = Math.min(layout.rowsPerBlock, rows.count - firstRow)
      if (count <= 0) break
      const { segment, byteOffset } = blockAddress(blocks[b]!)
      const kernel = this.#kernels[segment]!
      if (!loaded.has(segment)) {
        this.#loadQuery(kernel, query.vector, layout.floats)
        loaded.add(segment)
      }
      const listed =
        query.allowed === null ? count : this.#list(kernel, query.allowed, firstRow, count)
      if (listed === 0) continue
      const bound = kernelBound(squaredBound(space, nearest.bound), layout.dimensions)
      const byList = listed < count * LIST_BELOW
      const found = this.#scan(
        kernel,
        byteOffset,
        byList ? listed : count,
        layout.floats,
        bound,
        byList,
      )
      scanned += listed
      const numbers = new Uint32Array(kernel.memory.buffer, this.#scratch + FOUND_OFFSET, found)
      const floats = new Float32Array(kernel.memory.buffer, byteOffset, count * layout.floats)
      for (let i = 0; i < found; i++) {
        const number = numbers[i]!
        const row = firstRow + number
        if (query.allowed !== null && !hasBit(query.allowed, row)) continue
        const start = number * layout.floats
        const vector = floats.subarray(start, start + layout.dimensions)
        const distance = distanceFromSquared(space, squaredEuclidean(query.vector, vector))
        canonical++
        if (distance > query.from) nearest.add(row, distance)
        else if (distance === query.from && distance <= query.radius) atFrom.push(row)
      }
    }
    const { rows: found, distances } = withTies(nearest.finish(), atFrom, query.from)
    const levels = [
      { name: 'float32', candidates: scanned },
      { name: 'float64', candidates: canonical },
    ]
    return { rows: found, distances, levels }
  }

  #loadQuery(kernel: ScanKernel, vector: Float32Array, floats: number): void {
    const target = new Float32Array(kernel.memory.buffer, this.#scratch, floats)
    target.fill(0)
    target.set(vector)
  }

  /** Lists the allowed rows of a block, relative to its first; returns how many. */
  #list(kernel: ScanKernel, allowed: Uint32Array, firstRow: number, count: number): number {
    const list = new Uint32Array(kernel.memory.buffer, this.#scratch + LISTED_OFFSET, count)
    let listed = 0
    for (let i = 0; i < count; i++) if (hasBit(allowed, firstRow + i)) list[listed++] = i
    return listed
  }

  #scan(
    kernel: ScanKernel,
    rows: number,
    count: number,
    floats: number,
    bound: number,
    byList: boolean,
  ): number {
    const query = this.#scratch
    const found = this.#scratch + FOUND_OFFSET
    return byList
      ? kernel.scanListed(query, rows, this.#scratch + LISTED_OFFSET, count, floats, bound, found)
      : kernel.scan(query, rows, count, floats, bound, found)
  }
}

function hasBit(bits: Uint32Array, i: number): boolean {
  return ((bits[i >>> 5]! >>> (i & 31)) & 1) === 1
}

function withTies(
  nearest: { rows: Uint32Array; distances: Float64Array },
  atFrom: readonly number[],
  from: number,
): { rows: Uint32Array; distances: Float64Array } {
  if (atFrom.length === 0) return nearest
  const rows = new Uint32Array(nearest.rows.length + atFrom.length)
  const distances = new Float64Array(rows.length)
  rows.set(nearest.rows)
  distances.set(nearest.distances)
  rows.set(atFrom, nearest.rows.length)
  distances.fill(from, nearest.rows.length)
  return { rows, distances }
}
