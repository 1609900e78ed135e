import { roundedUp } from '../../../kernels/kernels.ts'
import { bitCount, hasBit } from '../../../vector/bitset.ts'
import { Nearest } from '../nearest.ts'
import type { NearestSoFar } from '../nearest-so-far.ts'
import { ResumableScan, type ResumableSearches } from '../resumable-searches.ts'
import type { RowShare, RowsRange } from '../row-share.ts'
import { type CodedRows, codedBits } from './coded-rows.ts'
import type { QueryCodes } from './coder.ts'

/**
 * The number of rows with the smallest prefix bounds whose distances give a k-NN query its first radius. Most of
 * their cost is to fetch them from memory.
 */
export const seedsFor = (k: number) => Math.max(32, 2 * k)
/** The cost of deciding a row, in full codes looked at. */
const SEED_COST = 4
/** The same where a radius is given: with fewer than k rows within it, deciding some of them first spares nothing. */
const BOUNDED_SEED_COST = 16
/** Above this k the first radius comes from the rows as they are met. */
const MAX_SEEDED_K = 4096
/** Below this share of allowed rows, those are gathered as float32 at once, unless the query sets the way. */
const GATHER_BELOW = 1 / 64

const NONE = new Uint32Array(0)

/** The scan of one query in its share of the rows, as the levels of the cascade pass it on. */
export class QueryScan {
  readonly nearest: NearestSoFar
  readonly allCoded: boolean
  /** Every row is coded and allowed. */
  readonly all: boolean
  readonly share: RowShare
  /** Rows with bounds that are coded and allowed. */
  eligible = 0
  /** Too few of them for bounds of all rows to pay. */
  readonly isFew: boolean
  /** Set when the query has codes. */
  codes: QueryCodes | null = null
  /** Squared lower bounds of the share's rows, once the prefix level has run, at their places in what they lie in. */
  bounds: Float32Array | null = null
  /** The scan that this one resumes, or that a later one may resume. */
  resumable: ResumableScan | null
  /** An earlier search has made the bounds. */
  readonly isResumed: boolean
  /** Parts that share the search share its seeds too. */
  readonly #seedsWanted: number
  readonly #seeds: Nearest | null
  readonly #coded: Uint32Array
  readonly #allowed: Uint32Array | null
  readonly #searches: ResumableSearches<ResumableScan> | null

  constructor(
    nearest: NearestSoFar,
    codes: CodedRows,
    share: RowShare,
    searches: ResumableSearches<ResumableScan> | null,
  ) {
    this.nearest = nearest
    this.share = share
    const { range } = share
    const { vector, resumableAs: name, allowed, k, way } = nearest.query
    // A later search could not have the same rows otherwise.
    this.#searches = share.isFixed ? searches : null
    const earlier = name === undefined ? null : (this.#searches?.take(name) ?? null)
    this.resumable = earlier?.fits(vector, range) ? earlier : null
    this.isResumed = this.resumable !== null
    this.#allowed = allowed
    // One moment for the whole search: a row that is coded meanwhile stays a float32 row.
    this.#coded = this.resumable?.coded ?? codedBits(codes, range.end)
    const rows = range.end - range.first
    const counts = countRows(this.#coded, this.#allowed, range)
    this.allCoded = counts.coded === rows
    this.all = counts.both === rows
    const isFew = counts.both <= rows * GATHER_BELOW
    this.isFew = way === undefined ? isFew : way.kind === 'gather' || counts.both === 0
    this.#seedsWanted = Math.ceil(seedsFor(k) / nearest.parts)
    this.#seeds =
      k > MAX_SEEDED_K ? null : new Nearest(this.#seedsWanted, roundedUp(nearest.squaredBound))
  }

  isEligible(row: number): boolean {
    return hasBit(this.#coded, row) && (this.#allowed === null || hasBit(this.#allowed, row))
  }

  isUncoded(row: number): boolean {
    return !hasBit(this.#coded, row) && (this.#allowed === null || hasBit(this.#allowed, row))
  }

  /**
   * Makes room for the bounds: where a later search may resume this one, in what is kept for it.
   * @param ownRoom gives room for the bounds of this scan that no other will write to.
   */
  begin(room: () => Float32Array, ownRoom: () => Float32Array): void {
    const { vector, resumableAs: name } = this.nearest.query
    if (name !== undefined && this.#searches !== null) {
      const { range } = this.share
      this.resumable = new ResumableScan(name, vector, range, this.#coded, ownRoom())
    }
    this.bounds = this.resumable?.bounds ?? room()
  }

  /** Takes over the bounds and distances of an earlier search. */
  resume(): void {
    const { bounds } = this.resumable!
    this.bounds = bounds
    this.nearest.resume(this.resumable!)
    this.take(this.share.range.first, bounds.length, bounds, 1, 0)
  }

  /** Takes the bounds of query `q` out of those of `width` queries a row. */
  take(firstRow: number, count: number, found: Float32Array, width: number, q: number): void {
    const offset = firstRow - this.share.range.first
    const bounds = this.bounds!.subarray(offset, offset + count)
    if (width === 1) bounds.set(found)
    else for (let i = 0; i < count; i++) bounds[i] = found[i * width + q]!
    const range = { first: firstRow, end: firstRow + count }
    this.eligible += this.all ? count : countRows(this.#coded, this.#allowed, range).both
    const seeds = this.#seeds
    if (seeds === null) return
    let limit = seeds.bound
    for (let i = 0; i < count; i++) {
      if (bounds[i]! <= limit && (this.all || this.isEligible(firstRow + i))) {
        seeds.add(firstRow + i, bounds[i]!)
        limit = seeds.bound
      }
    }
  }

  /**
   * Gives the rows to decide first, ascending. None when few more than these can be within the radius: their distances
   * would spare little, and the full codes are the cheaper way to rule rows out.
   */
  firstRows(): Uint32Array {
    const { rows } = this.#seeds?.finish() ?? { rows: NONE }
    if (rows.length < this.#seedsWanted) return NONE
    const isBounded = this.nearest.query.radius !== Number.POSITIVE_INFINITY
    const cost = isBounded ? BOUNDED_SEED_COST : SEED_COST
    return this.#within() < rows.length * cost ? NONE : rows.sort()
  }

  /** Counts the rows that the prefix bounds leave within the radius. */
  #within(): number {
    const { radius } = this.nearest.query
    if (radius === Number.POSITIVE_INFINITY) return this.eligible
    const bounds = this.bounds!
    const limit = roundedUp(this.nearest.squaredBound)
    let within = 0
    const from = this.share.range.first
    for (const { first, end } of this.share) {
      for (let i = first - from; i < end - from; i++) if (bounds[i]! <= limit) within++
    }
    return within
  }
}

/** Counts the rows of a range that are coded, and those that are allowed too. */
function countRows(
  coded: Uint32Array,
  allowed: Uint32Array | null,
  { first, end }: RowsRange,
): { coded: number; both: number } {
  let count = 0
  let both = 0
  for (let word = first >>> 5; word << 5 < end; word++) {
    const begin = word << 5
    let bits = coded[word] ?? 0
    if (begin < first) bits &= -1 << (first - begin)
    if (begin + 32 > end) bits &= -1 >>> (begin + 32 - end)
    count += bitCount(bits)
    both += allowed === null ? bitCount(bits) : bitCount(bits & (allowed[word] ?? 0))
  }
  return { coded: count, both }
}
