import { blockAddress } from '../../../kernels/block-memory.ts'
import type { CodeRowsView } from '../../../kernels/code-rows.ts'
import { roundedUp } from '../../../kernels/kernels.ts'
import { blockParts, type RowsRange } from '../row-share.ts'
import type { ScanSegment } from '../scan-segment.ts'
import type { CodedRows } from './coded-rows.ts'
import { type FullCode, lastFact, type PrefixCode } from './coder.ts'
import { PREFIX_RANK } from './transform.ts'

/** Queries that share one pass over the prefix codes. */
export const QUERIES_A_PASS = 4
const FACTS = 4
/** Codes of a query that lie together where there are four. */
const TOGETHER = 8
/** Rows that are filtered at once: enough for the call not to count, and few enough for the bound to be that of the moment. */
const ROWS_A_CALL = 256
/** The same where the bound does not change: as many as fit beside their number. */
const ROWS_A_COUNT = 4096

type PrefixCodes = Pick<CodedRows, 'prefix' | 'end'>

/**
 * Bounds the distances from one query, or from QUERIES_A_PASS, to all coded rows of some ranges by their prefix codes,
 * a part of a block at a time, until they are stopped.
 */
export function prefixBounds(
  segments: readonly ScanSegment[],
  codes: PrefixCodes,
  queries: readonly PrefixCode[],
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
  query: PrefixCode,
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
  queries: readonly PrefixCode[],
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

/**
 * Writes one query, or four, of `length` codes as the kernels want them: all codes, of four queries eight of each after the
 * other, then each fact of all queries.
 */
export function loadQueries(
  { kernels, at }: ScanSegment,
  queries: readonly (PrefixCode | FullCode)[],
  length: number,
): void {
  const width = queries.length
  const { buffer } = kernels.memory
  const codes = new Int16Array(buffer, at.codes, width * length)
  const facts = new Float32Array(buffer, at.codes + codes.byteLength, width * FACTS)
  for (let i = 0; i < width; i++) {
    const query = queries[i]!
    const from = query.codes
    for (let first = 0; first < length; first += TOGETHER) {
      const to = first * width + i * TOGETHER
      for (let j = 0; j < TOGETHER; j++) codes[to + j] = from[first + j]!
    }
    facts[i] = 2 * query.scale
    facts[width + i] = query.norm
    facts[2 * width + i] = roundedUp(query.error)
    facts[3 * width + i] = lastFact(query)
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
  readonly #query: FullCode
  /** Segments that hold the query. */
  readonly #loaded = new Set<ScanSegment>()

  constructor(segments: readonly ScanSegment[], { layout, blocks }: CodeRowsView, query: FullCode) {
    this.#segments = segments
    this.#layout = layout
    this.#blocks = new Int32Array(blocks)
    this.#query = query
  }

  /**
   * Takes rows of one segment from an ascending list, beginning at `start`, and keeps those within
   * the limits.
   *
   * @returns where the next rows begin in the list.
   */
  filter(
    list: ArrayLike<number>,
    start: number,
    length: number,
    { bound, inner, past }: FullLimits,
    onRow: (row: number, within: boolean) => void,
  ): number {
    const { segment, end } = this.#list(list, start, Math.min(length, start + ROWS_A_CALL))
    const { bytes } = this.#layout
    const { kernels, at, found } = segment
    const facts = at.codes + bytes * 2
    const hits = kernels.fullBounds(
      at.codes,
      facts,
      bytes,
      at.listed,
      end - start,
      roundedUp(bound),
      inner,
      past,
      at.found,
    )
    for (let i = 0; i < hits; i++) {
      const place = found[i]!
      onRow(list[start + (place & 0x7fffffff)]!, place >>> 31 === 1)
    }
    return end
  }

  /**
   * Takes rows in the same way, counts those that are within for sure, and adds those that may be to `undecided`.
   * @returns where the next rows begin in the list, and the number within.
   */
  count(
    list: ArrayLike<number>,
    start: number,
    length: number,
    { bound, inner }: Pick<FullLimits, 'bound' | 'inner'>,
    undecided: number[],
  ): { readonly end: number; readonly within: number } {
    const { segment, end } = this.#list(list, start, Math.min(length, start + ROWS_A_COUNT))
    const { bytes } = this.#layout
    const { kernels, at, found } = segment
    const facts = at.codes + bytes * 2
    const farthest = roundedUp(bound)
    const listed = end - start
    const counted = kernels.fullWithin(
      at.codes,
      facts,
      bytes,
      at.listed,
      listed,
      farthest,
      inner,
      at.found,
    )
    const hits = counted & 0xffff
    for (let i = 0; i < hits; i++) undecided.push(list[start + found[i]!]!)
    return { end, within: counted >>> 16 }
  }

  /**
   * Lists the addresses of codes for the kernels, those of one segment. listed-rows.ts walks in the same way: one function for both,
   * which met two kinds of lists, made searches 1 to 4 % slower.
   */
  #list(
    list: ArrayLike<number>,
    start: number,
    length: number,
  ): { readonly segment: ScanSegment; readonly end: number } {
    const { capacity, stride, bytes } = this.#layout
    let number = -1
    let end = start
    while (end < length) {
      const block = Math.floor(list[end]! / capacity)
      const address = blockAddress(this.#blocks[block]!)
      if (number === -1) number = address.segment
      else if (address.segment !== number) break
      const { listed } = this.#segments[number]!
      const endRow = (block + 1) * capacity
      const from = address.byteOffset - block * capacity * stride
      while (end < length && list[end]! < endRow) {
        listed[end - start] = from + list[end]! * stride
        end++
      }
    }
    const segment = this.#segments[number]!
    if (!this.#loaded.has(segment)) {
      this.#loaded.add(segment)
      loadQueries(segment, [this.#query], bytes)
    }
    return { segment, end }
  }
}
