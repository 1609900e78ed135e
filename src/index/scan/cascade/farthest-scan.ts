import { roundedDown } from '../../../kernels/kernels.ts'
import type { Projector } from '../../../kernels/projector.ts'
import type { RowsView } from '../../../kernels/vector-rows.ts'
import { hasBit } from '../../../vector/bitset.ts'
import { distanceFromSquared, type SpaceKind, squaredWithin } from '../../../vector/space.ts'
import { squaredEuclidean } from '../../../vector/squared-euclidean.ts'
import type { FarthestQuery, RowAnswer } from '../../row-index.ts'
import { Nearest } from '../nearest.ts'
import type { RowsRange } from '../row-share.ts'
import type { RowSource } from '../row-source.ts'
import type { ScanSegment } from '../scan-segment.ts'
import { FullCodeLevel, prefixBetween } from './code-level.ts'
import type { CodedRows } from './coded-rows.ts'
import { Coder, type QueryCodes } from './coder.ts'

interface Searched {
  readonly rows: RowsView
  readonly codes: CodedRows | null
  readonly space: SpaceKind
  readonly range: RowsRange
}

/** Rows decided between two looks at the flag that stops a search. */
const ROWS_A_LOOK = 64

/**
 * Finds the k rows that are farthest, and all that tie with the last of them. A row whose upper bound is below the distance
 * of k others is passed over (docs/exactness.md, section 3).
 */
export class FarthestScan {
  readonly #segments: readonly ScanSegment[]
  readonly #source: RowSource
  readonly #projector: Projector
  readonly #stopFlags: Int32Array | null

  constructor(
    segments: readonly ScanSegment[],
    source: RowSource,
    projector: Projector,
    stopFlags: Int32Array | null,
  ) {
    this.#segments = segments
    this.#source = source
    this.#projector = projector
    this.#stopFlags = stopFlags
  }

  /** @returns distances below 0: the farthest is the least, so that answers are cut and merged as those of the nearest are. */
  search(searched: Searched, query: FarthestQuery): RowAnswer {
    const { rows, codes, space, range } = searched
    const far = new FarthestSoFar(space, query, (row) => this.#source.vector(rows, row))
    const coder = codes && new Coder(codes.transform, this.#projector, 'queries')
    const coded = coder?.codesOf(query.vector) ?? null
    const uncoded: number[] = []
    const candidates: number[] = []
    const bits = codes === null ? null : new Uint32Array(codes.coded).slice()
    for (let row = range.first; row < range.end; row++) {
      if (query.allowed !== null && !hasBit(query.allowed, row)) continue
      const hasCodes = coded !== null && row < codes!.end && hasBit(bits!, row)
      if (hasCodes) candidates.push(row)
      else uncoded.push(row)
    }
    far.decide(uncoded, (row) => this.#isStopped(query, row))
    if (coded === null || candidates.length === 0) return far.answer([])
    const near = this.#byPrefix(searched, codes!, coded, candidates, far, query)
    const full = new FullCodeLevel(this.#segments, codes!.full, coded.full)
    for (let i = 0; i < near.length && !this.#isStopped(query, 0); ) {
      const kept: number[] = []
      const limits = { bound: Number.POSITIVE_INFINITY, inner: -1, past: far.squaredLimit }
      i = full.filter(near, i, near.length, limits, (row) => kept.push(row))
      far.decide(kept, (row) => this.#isStopped(query, row))
    }
    return far.answer([
      { name: 'prefix', candidates: codes!.prefix === null ? 0 : candidates.length },
      { name: 'codes', candidates: near.length },
    ])
  }

  /** Decides the rows of the largest upper bounds, and lists the others that may be among the farthest. */
  #byPrefix(
    { range }: Searched,
    codes: CodedRows,
    { prefix }: QueryCodes,
    candidates: readonly number[],
    far: FarthestSoFar,
    query: FarthestQuery,
  ): readonly number[] {
    if (codes.prefix === null) return candidates
    const uppers = new Float32Array(range.end - range.first)
    for (const part of prefixBetween(this.#segments, codes, prefix, [range])) {
      uppers.set(part.upper, part.range.first - range.first)
      if (this.#isStopped(query, 0)) return []
    }
    const seeds = new Nearest(query.k, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY)
    for (const row of candidates) seeds.add(row, -uppers[row - range.first]!)
    // Of those that tie some are enough.
    const first = new Set(seeds.finish().rows.slice(0, query.k))
    far.decide([...first], (row) => this.#isStopped(query, row))
    const limit = far.squaredLimit
    return candidates.filter((row) => !first.has(row) && !(uppers[row - range.first]! < limit))
  }

  #isStopped({ stopFlag }: FarthestQuery, row: number): boolean {
    if (stopFlag === undefined || this.#stopFlags === null || row % ROWS_A_LOOK !== 0) return false
    return Atomics.load(this.#stopFlags, stopFlag) === 1
  }
}

/** The farthest rows found so far. */
class FarthestSoFar {
  readonly #space: SpaceKind
  readonly #query: FarthestQuery
  readonly #vector: (row: number) => Float32Array
  readonly #nearest: Nearest
  #decided = 0

  constructor(space: SpaceKind, query: FarthestQuery, vector: (row: number) => Float32Array) {
    this.#space = space
    this.#query = query
    this.#vector = vector
    this.#nearest = new Nearest(query.k, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY)
  }

  /** A row whose squared upper bound is below this is nearer than k others. */
  get squaredLimit(): number {
    const { bound } = this.#nearest
    return bound > 0 ? -1 : roundedDown(squaredWithin(this.#space, -bound))
  }

  decide(list: readonly number[], isStopped: (row: number) => boolean): void {
    for (const row of list) {
      if (isStopped(row)) return
      const squared = squaredEuclidean(this.#query.vector, this.#vector(row))
      this.#decided++
      this.#nearest.add(row, -distanceFromSquared(this.#space, squared))
    }
    // The bound of the next rows.
    this.#nearest.settle()
  }

  answer(before: RowAnswer['levels']): RowAnswer {
    const levels = [...before, { name: 'float64', candidates: this.#decided }]
    return { ...this.#nearest.finish(), levels }
  }
}
