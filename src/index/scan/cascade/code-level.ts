import { blockAddress } from '../../../kernels/block-memory.ts'
import type { CodeRowsView } from '../../../kernels/code-rows.ts'
import { roundedUp } from '../../../kernels/kernels.ts'
import { blockParts, type RowsRange } from '../row-share.ts'
import type { ScanSegment } from '../scan-segment.ts'
import type { CodedRows } from './coded-rows.ts'
import type { Code } from './coder.ts'
import { PREFIX_RANK } from './transform.ts'

/** Queries that share one pass over the prefix codes. */
export const QUERIES_A_PASS = 4
const FACTS = 4

type PrefixCodes = Pick<CodedRows, 'prefix' | 'end'>

/**
 * Bounds the distances from one query, or from QUERIES_A_PASS, to all coded rows of some ranges by their prefix codes,
 * a part of a block at a time, until they are stopped.
 */
export function prefixBounds(
  segments: readonly ScanSegment[],
  codes: PrefixCodes,
  queries: readonly Code[],
  ranges: Iterable<RowsRange>,
  onBounds: (firstRow: number, count: number, bounds: Float32Array) => void,
  isStopped: () => boolean = () => false,
): void {
  const kernel = queries.length === 1 ? 'prefixBounds' : 'prefixBounds4'
  for (const { firstRow, count, segment } of prefixParts(
    segments,
    codes,
    queries,
    ranges,
    kernel,
  )) {
    onBounds(firstRow, count, segment.bounds.subarray(0, count * queries.length))
    if (isStopped()) return
  }
}

/** Bounds the squared distances from one query to all coded rows of some ranges, a part of a block at a time. */
export function* prefixBetween(
  segments: readonly ScanSegment[],
  codes: PrefixCodes,
  query: Code,
  ranges: Iterable<RowsRange>,
): Generator<{
  readonly range: RowsRange
  readonly lower: Float32Array
  readonly upper: Float32Array
}> {
  const parts = prefixParts(segments, codes, [query], ranges, 'prefixBetween')
  for (const { firstRow, count, padded, segment } of parts) {
    const { bounds } = segment
    const range = { first: firstRow, end: firstRow + count }
    yield {
      range,
      lower: bounds.subarray(0, count),
      upper: bounds.subarray(padded, padded + count),
    }
  }
}

/** Runs a kernel on all coded rows of some ranges, a part of a block at a time; its bounds are good until the next part. */
function* prefixParts(
  segments: readonly ScanSegment[],
  { prefix, end }: PrefixCodes,
  queries: readonly Code[],
  ranges: Iterable<RowsRange>,
  kernel: 'prefixBounds' | 'prefixBounds4' | 'prefixBetween',
) {
  const blocks = new Int32Array(prefix!.blocks)
  const { capacity } = prefix!.layout
  const loaded = new Set<ScanSegment>()
  for (const range of ranges) {
    const coded = { first: range.first, end: Math.min(range.end, end) }
    for (const { block, firstRow, from, count } of blockParts(coded, capacity)) {
      const { segment: number, byteOffset } = blockAddress(blocks[block]!)
      const segment = segments[number]!
      if (!loaded.has(segment)) {
        loaded.add(segment)
        loadQueries(segment, queries, PREFIX_RANK)
      }
      const { kernels, at } = segment
      // The kernels take four rows at a time; a few past the end cost nothing and are not looked at.
      const padded = Math.min(capacity - from, Math.ceil(count / 4) * 4)
      kernels[kernel](at.codes, byteOffset, capacity, from, padded, at.found)
      yield { firstRow: firstRow + from, count, padded, segment }
    }
  }
}

/** Writes one query, or four, of `length` codes as the kernels want them: all codes, then each fact of all queries. */
export function loadQueries(
  { kernels, at }: ScanSegment,
  queries: readonly Code[],
  length: number,
): void {
  const width = queries.length
  const { buffer } = kernels.memory
  const codes = new Int16Array(buffer, at.codes, width * length)
  const facts = new Float32Array(buffer, at.codes + codes.byteLength, width * FACTS)
  for (const [i, query] of queries.entries()) {
    codes.set(query.codes, i * length)
    facts[i] = 2 * query.scale
    facts[width + i] = query.norm
    facts[2 * width + i] = roundedUp(query.error)
    facts[3 * width + i] = query.outside
  }
}

/** Squared distances, in the order far, near, nearest. */
export interface FullLimits {
  /** Rows whose lower bound is above it are left out. */
  readonly bound: number
  /** Rows whose upper bound is at most this are within for sure; -1 for none. */
  readonly inner: number
  /** Rows whose upper bound is below it are left out: an earlier page had them; -1 for none. */
  readonly past: number
}

/**
 * Filters a list of rows by the codes of whole vectors. The codes of its query stay in the scratch
 * space, so that one query is done before the next begins.
 */
export class FullCodeLevel {
  readonly #segments: readonly ScanSegment[]
  readonly #layout: CodeRowsView['layout']
  readonly #blocks: Int32Array
  readonly #query: Code
  /** Segments that hold the query. */
  readonly #loaded = new Set<ScanSegment>()

  constructor(segments: readonly ScanSegment[], { layout, blocks }: CodeRowsView, query: Code) {
    this.#segments = segments
    this.#layout = layout
    this.#blocks = new Int32Array(blocks)
    this.#query = query
  }

  /**
   * Takes rows of one block from an ascending list, beginning at `start`, and keeps those within
   * the limits.
   *
   * @returns where the next block's rows begin in the list.
   */
  filter(
    list: ArrayLike<number>,
    start: number,
    length: number,
    { bound, inner, past }: FullLimits,
    onRow: (row: number, within: boolean) => void,
  ): number {
    const { capacity, bytes } = this.#layout
    const block = Math.floor(list[start]! / capacity)
    const firstRow = block * capacity
    const { segment: number, byteOffset } = blockAddress(this.#blocks[block]!)
    const segment = this.#segments[number]!
    const numbers = segment.listed
    let end = start
    while (end < length && list[end]! < firstRow + capacity) {
      numbers[end - start] = list[end]! - firstRow
      end++
    }
    if (!this.#loaded.has(segment)) {
      this.#loaded.add(segment)
      loadQueries(segment, [this.#query], bytes)
    }
    const { kernels, at, found } = segment
    const hits = kernels.fullBounds(
      at.codes,
      at.codes + bytes * 2,
      byteOffset,
      capacity,
      bytes,
      at.listed,
      end - start,
      roundedUp(bound),
      inner,
      past,
      at.found,
    )
    for (let i = 0; i < hits; i++) {
      const number = found[i]!
      onRow(firstRow + (number & 0x7fffffff), number >>> 31 === 1)
    }
    return end
  }
}
