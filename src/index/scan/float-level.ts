import { blockAddress } from '../../kernels/block-memory.ts'
import { kernelBound } from '../../kernels/kernels.ts'
import type { RowLayout, RowsView } from '../../kernels/vector-rows.ts'
import { hasBit } from '../../vector/bitset.ts'
import { ListedRows } from './listed-rows.ts'
import type { RowDecider } from './row-decider.ts'
import type { RowLevel } from './row-level.ts'
import { blockParts, type RowsRange } from './row-share.ts'
import { MAX_SQUARES, type ScanSegment } from './scan-segment.ts'

/** Above this share of rows to look at, a run of rows is scanned whole. */
export const SCAN_ABOVE = 0.7

/** The level of float32 rows: a kernel drops what is provably too far, the rest is decided. */
export class FloatLevel implements RowLevel {
  readonly #segments: readonly ScanSegment[]
  scanned = 0

  constructor(segments: readonly ScanSegment[]) {
    this.#segments = segments
  }

  scanRange(rows: RowsView, nearest: RowDecider, range: RowsRange): void {
    const { allowed } = nearest.query
    for (const { block: number, from, count } of blockParts(range, rows.layout.rowsPerBlock)) {
      if (nearest.isStopped) return
      const block = new RowBlock(this.#segments, rows, nearest, number)
      const listed = allowed === null ? count : block.listAllowed(from, count, allowed)
      if (listed === 0) continue
      if (listed >= count * SCAN_ABOVE) block.scanWhole(from, count)
      else block.scanListed(listed)
      this.scanned += listed
    }
  }

  scanRows(rows: RowsView, nearest: RowDecider, list: ArrayLike<number>, length: number): void {
    this.scanned += length
    new ListedRows(this.#segments, rows, nearest, list, length).scan()
  }

  decideRows(rows: RowsView, nearest: RowDecider, list: ArrayLike<number>, length: number): void {
    new ListedRows(this.#segments, rows, nearest, list, length).decide()
  }
}

/** One block of rows, scanned for one query. Numbers of rows in it count from its first. */
class RowBlock {
  readonly #segment: ScanSegment
  readonly #byteOffset: number
  readonly #firstRow: number
  readonly #layout: RowLayout
  readonly #nearest: RowDecider

  constructor(
    segments: readonly ScanSegment[],
    { blocks, layout }: RowsView,
    nearest: RowDecider,
    number: number,
  ) {
    const { segment, byteOffset } = blockAddress(new Int32Array(blocks)[number]!)
    this.#segment = segments[segment]!
    this.#byteOffset = byteOffset
    this.#firstRow = number * layout.rowsPerBlock
    this.#layout = layout
    this.#nearest = nearest
  }

  /** Lists the allowed rows of a part of the block for the kernels; returns how many. */
  listAllowed(from: number, count: number, allowed: Uint32Array): number {
    const numbers = this.#segment.listed
    const firstRow = this.#firstRow
    let listed = 0
    const end = from + count
    for (let i = from; i < end; ) {
      const row = firstRow + i
      // Where few rows are allowed most words are empty.
      if ((row & 31) === 0 && allowed[row >>> 5] === 0) {
        i += 32
        continue
      }
      if (hasBit(allowed, row)) numbers[listed++] = i
      i++
    }
    return listed
  }

  scanWhole(from: number, count: number): void {
    const { floats } = this.#layout
    const { kernels, at, found } = this.#segment
    const { allowed } = this.#nearest.query
    const bound = this.#prepare()
    const start = this.#byteOffset + from * floats * 4
    const hits = kernels.scan(at.query, start, count, floats, bound, at.found)
    let kept = 0
    for (let i = 0; i < hits; i++) {
      const number = found[i]! + from
      if (allowed === null || hasBit(allowed, this.#firstRow + number)) found[kept++] = number
    }
    this.#decide(kept)
  }

  scanListed(count: number): void {
    const { floats } = this.#layout
    const { kernels, at } = this.#segment
    const bound = this.#prepare()
    const hits = kernels.scanListed(
      at.query,
      this.#byteOffset,
      at.listed,
      count,
      floats,
      floats,
      bound,
      -1,
      at.found,
    )
    this.#decide(hits)
  }

  /** Loads the query; returns the bound of the kernels. */
  #prepare(): number {
    const { floats, dimensions } = this.#layout
    this.#segment.loadQuery(this.#nearest.query.vector, floats)
    return kernelBound(this.#nearest.squaredBound, dimensions)
  }

  /** Decides the rows whose numbers a kernel has found. */
  #decide(count: number): void {
    const { floats, dimensions } = this.#layout
    const { kernels, at, found, squares } = this.#segment
    for (let start = 0; start < count; start += MAX_SQUARES) {
      const some = Math.min(MAX_SQUARES, count - start)
      const list = at.found + start * 4
      kernels.canonical(at.query, this.#byteOffset, list, some, floats, dimensions, at.listed)
      for (let i = 0; i < some; i++) {
        this.#nearest.decideBySquared(this.#firstRow + found[start + i]!, squares[i]!)
      }
    }
  }
}
