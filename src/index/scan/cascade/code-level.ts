import { blockAddress } from '../../../kernels/block-memory.ts'
import type { CodeRowsView } from '../../../kernels/code-rows.ts'
import { type Kernels, roundedUp } from '../../../kernels/kernels.ts'
import { blockParts, type RowsRange } from '../rows-range.ts'
import type { ScanScratch } from '../scan-scratch.ts'
import type { CodedRows } from './coded-rows.ts'
import type { Code } from './coder.ts'
import { PREFIX_RANK } from './transform.ts'

/** Queries that share one pass over the prefix codes. */
export const QUERIES_A_PASS = 4
const PREFIX_CODE_BYTES = PREFIX_RANK * 2
const FACTS = 4

/** A query at the prefix level. */
export interface PrefixQuery extends Pick<Code, 'codes' | 'scale' | 'norm' | 'error'> {
  readonly outside: number
}

type OnBounds = (firstRow: number, count: number, bounds: Float32Array) => void

/** Bounds of one query, or of QUERIES_A_PASS, from the prefix codes of all coded rows of some ranges, a part of a block at a time. */
export function prefixBounds(
  scratch: ScanScratch,
  kernels: readonly Kernels[],
  { prefix, end }: Pick<CodedRows, 'prefix' | 'end'>,
  queries: readonly PrefixQuery[],
  ranges: Iterable<RowsRange>,
  onBounds: OnBounds,
): void {
  const single = queries.length === 1
  const blocks = new Int32Array(prefix!.blocks)
  const { capacity } = prefix!.layout
  const loaded = new Set<number>()
  for (const part of codedParts(ranges, end, capacity)) {
    const { segment, byteOffset } = blockAddress(blocks[part.block]!)
    const kernel = kernels[segment]!
    if (!loaded.has(segment)) {
      loaded.add(segment)
      load(scratch, kernel, queries)
    }
    // The kernels take four rows at a time; a few past the end cost nothing and are not looked at.
    const padded = Math.min(capacity - part.from, Math.ceil(part.count / 4) * 4)
    const call = [scratch.codes, byteOffset, capacity, part.from, padded, scratch.found] as const
    if (single) kernel.prefixBounds(...call)
    else kernel.prefixBounds4(...call)
    const found = scratch.foundFloats(kernel.memory)
    const bounds = found.subarray(0, part.count * queries.length)
    onBounds(part.firstRow + part.from, part.count, bounds)
  }
}

function* codedParts(ranges: Iterable<RowsRange>, end: number, capacity: number) {
  for (const range of ranges) {
    yield* blockParts({ first: range.first, end: Math.min(range.end, end) }, capacity)
  }
}

/** Writes one query, or four, as the kernels want them. */
function load(scratch: ScanScratch, kernel: Kernels, queries: readonly PrefixQuery[]): void {
  const width = queries.length
  const { buffer } = kernel.memory
  const codes = new Int16Array(buffer, scratch.codes, width * PREFIX_RANK)
  const afterCodes = scratch.codes + width * PREFIX_CODE_BYTES
  const facts = new Float32Array(buffer, afterCodes, width * FACTS)
  for (const [i, query] of queries.entries()) {
    codes.set(query.codes, i * PREFIX_RANK)
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
  readonly #scratch: ScanScratch
  readonly #kernels: readonly Kernels[]
  readonly #view: CodeRowsView
  readonly #blocks: Int32Array
  readonly #query: Code
  /** Segments that hold the query. */
  readonly #loaded = new Set<number>()

  constructor(scratch: ScanScratch, kernels: readonly Kernels[], view: CodeRowsView, query: Code) {
    this.#scratch = scratch
    this.#kernels = kernels
    this.#view = view
    this.#blocks = new Int32Array(view.blocks)
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
    limits: FullLimits,
    onRow: (row: number, within: boolean) => void,
  ): number {
    const { capacity, bytes } = this.#view.layout
    const block = Math.floor(list[start]! / capacity)
    const firstRow = block * capacity
    const { segment, byteOffset } = blockAddress(this.#blocks[block]!)
    const kernel = this.#kernels[segment]!
    const numbers = this.#scratch.listedWords(kernel.memory)
    let end = start
    while (end < length && list[end]! < firstRow + capacity) {
      numbers[end - start] = list[end]! - firstRow
      end++
    }
    this.#load(segment)
    const { codes, listed, found } = this.#scratch
    const hits = kernel.fullBounds(
      ...([codes, codes + bytes * 2, byteOffset, capacity, bytes] as const),
      ...([
        listed,
        end - start,
        roundedUp(limits.bound),
        limits.inner,
        limits.past,
        found,
      ] as const),
    )
    if (hits === 0) return end
    const kept = this.#scratch.foundWords(kernel.memory)
    for (let i = 0; i < hits; i++) {
      const number = kept[i]!
      onRow(firstRow + (number & 0x7fffffff), number >>> 31 === 1)
    }
    return end
  }

  #load(segment: number): void {
    if (this.#loaded.has(segment)) return
    this.#loaded.add(segment)
    const kernel = this.#kernels[segment]!
    const { bytes } = this.#view.layout
    const { buffer } = kernel.memory
    new Int16Array(buffer, this.#scratch.codes, bytes).set(this.#query.codes)
    const facts = new Float32Array(buffer, this.#scratch.codes + bytes * 2, FACTS)
    facts[0] = 2 * this.#query.scale
    facts[1] = this.#query.norm
    facts[2] = roundedUp(this.#query.error)
  }
}
