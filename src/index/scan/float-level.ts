import { blockAddress } from '../../kernels/block-memory.ts'
import { kernelBound } from '../../kernels/kernels.ts'
import type { RowLayout, RowsView } from '../../kernels/vector-rows.ts'
import { hasBit } from '../../vector/bitset.ts'
import type { NearestSoFar } from './nearest-so-far.ts'
import type { RowLevel } from './row-level.ts'
import { blockParts, type RowsRange } from './row-share.ts'
import { MAX_SQUARES, type ScanSegment } from './scan-segment.ts'

/** Above this share of rows to look at, a run of rows is scanned whole. */
export const SCAN_ABOVE = 0.7

/** A block of rows, whose numbers in it count from `firstRow`. */
interface Block {
  readonly segment: ScanSegment
  readonly byteOffset: number
  readonly firstRow: number
  readonly layout: RowLayout
}

/** The level of float32 rows: a kernel drops what is provably too far, the rest is decided. */
export class FloatLevel implements RowLevel {
  readonly #segments: readonly ScanSegment[]
  scanned = 0

  constructor(segments: readonly ScanSegment[]) {
    this.#segments = segments
  }

  scanRange(rows: RowsView, nearest: NearestSoFar, range: RowsRange): void {
    const { allowed } = nearest.query
    for (const { block: number, from, count } of blockParts(range, rows.layout.rowsPerBlock)) {
      const block = this.#block(rows, number)
      const listed = allowed === null ? count : listAllowed(block, from, count, allowed)
      if (listed === 0) continue
      if (listed >= count * SCAN_ABOVE) scanWhole(block, nearest, from, count)
      else scanListed(block, nearest, listed)
      this.scanned += listed
    }
  }

  scanRows(rows: RowsView, nearest: NearestSoFar, list: ArrayLike<number>, length: number): void {
    this.scanned += length
    for (let start = 0; start < length; ) {
      const block = this.#block(rows, Math.floor(list[start]! / rows.layout.rowsPerBlock))
      const listed = listRows(block, list, start, length)
      scanListed(block, nearest, listed)
      start += listed
    }
  }

  decideRows(rows: RowsView, nearest: NearestSoFar, list: ArrayLike<number>, length: number): void {
    for (let start = 0; start < length; ) {
      const block = this.#block(rows, Math.floor(list[start]! / rows.layout.rowsPerBlock))
      const listed = listRows(block, list, start, length)
      const { segment, layout } = block
      segment.loadQuery(nearest.query.vector, layout.floats)
      segment.found.set(segment.listed.subarray(0, listed))
      decide(block, nearest, listed)
      start += listed
    }
  }

  #block({ blocks, layout }: RowsView, number: number): Block {
    const { segment, byteOffset } = blockAddress(new Int32Array(blocks)[number]!)
    const firstRow = number * layout.rowsPerBlock
    return { segment: this.#segments[segment]!, byteOffset, firstRow, layout }
  }
}

/** Lists the allowed rows of a part of a block for a kernel; returns how many. */
function listAllowed(
  { segment, firstRow }: Block,
  from: number,
  count: number,
  allowed: Uint32Array,
): number {
  const numbers = segment.listed
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

/** Lists the rows of a block for a kernel, from `start` in an ascending list; returns how many. */
function listRows(
  { segment, firstRow, layout }: Block,
  list: ArrayLike<number>,
  start: number,
  length: number,
): number {
  const numbers = segment.listed
  let listed = 0
  while (start + listed < length && list[start + listed]! < firstRow + layout.rowsPerBlock) {
    numbers[listed] = list[start + listed]! - firstRow
    listed++
  }
  return listed
}

function scanWhole(block: Block, nearest: NearestSoFar, from: number, count: number): void {
  const { segment, byteOffset, firstRow, layout } = block
  const { floats, dimensions } = layout
  const { kernels, at, found } = segment
  const { vector, allowed } = nearest.query
  segment.loadQuery(vector, floats)
  const bound = kernelBound(nearest.squaredBound, dimensions)
  const start = byteOffset + from * floats * 4
  const hits = kernels.scan(at.query, start, count, floats, bound, at.found)
  let kept = 0
  for (let i = 0; i < hits; i++) {
    const number = found[i]! + from
    if (allowed === null || hasBit(allowed, firstRow + number)) found[kept++] = number
  }
  decide(block, nearest, kept)
}

function scanListed(block: Block, nearest: NearestSoFar, listed: number): void {
  const { segment, byteOffset, layout } = block
  const { floats, dimensions } = layout
  const { kernels, at } = segment
  segment.loadQuery(nearest.query.vector, floats)
  const bound = kernelBound(nearest.squaredBound, dimensions)
  const { query, listed: list, found } = at
  const hits = kernels.scanListed(query, byteOffset, list, listed, floats, bound, found)
  decide(block, nearest, hits)
}

/** Decides the rows of a block whose numbers a kernel has found. */
function decide(
  { segment, byteOffset, firstRow, layout }: Block,
  nearest: NearestSoFar,
  count: number,
): void {
  const { floats, dimensions } = layout
  const { kernels, at, found, squares } = segment
  for (let start = 0; start < count; start += MAX_SQUARES) {
    const end = Math.min(count, start + MAX_SQUARES)
    const list = at.found + start * 4
    kernels.canonical(at.query, byteOffset, list, end - start, floats, dimensions, at.listed)
    for (let i = start; i < end; i++) {
      nearest.decideBySquared(firstRow + found[i]!, squares[i - start]!)
    }
  }
}
