import { type Kernels, roundedUp } from '../../../kernels/kernels.ts'
import type { Projector } from '../../../kernels/projector.ts'
import type { RowsView } from '../../../kernels/vector-rows.ts'
import type { RowAnswer } from '../../row-index.ts'
import type { Decision } from '../decision.ts'
import type { RowLevel } from '../row-level.ts'
import type { RowShare } from '../row-share.ts'
import type { RowsRange } from '../rows-range.ts'
import { scan } from '../scan.ts'
import type { ScanScratch } from '../scan-scratch.ts'
import { FullCodeLevel, prefixBounds, QUERIES_A_PASS } from './code-level.ts'
import type { CodedRows } from './coded-rows.ts'
import { Coder } from './coder.ts'
import type { Rankings } from './rankings.ts'
import type { Transform } from './transform.ts'
import { Work } from './work.ts'

/**
 * The filter cascade (Zezula et al., Similarity Search, 2006, chapter 1.8: filtering by lower bounds; Seidl and
 * Kriegel, Optimal multi-step k-nearest neighbor search, SIGMOD 1998): prefix codes of all rows, full codes of
 * what is left, float32, and the canonical distance. docs/exactness.md proves each bound.
 */
export class CascadeSearch {
  readonly #scratch: ScanScratch
  readonly #kernels: readonly Kernels[]
  readonly #projector: Projector
  readonly #bounds: Float32Array[] = []
  readonly #rankings: Rankings | null
  #list = new Uint32Array(1024)
  #coder: { readonly transform: Transform; readonly coder: Coder } | null = null

  constructor(
    scratch: ScanScratch,
    kernels: readonly Kernels[],
    projector: Projector,
    rankings: Rankings | null,
  ) {
    this.#rankings = rankings
    this.#scratch = scratch
    this.#kernels = kernels
    this.#projector = projector
  }

  /** @param shareOf the rows for some queries that go through them together, by the first of them. */
  search(
    rows: RowsView,
    codes: CodedRows,
    decisions: readonly Decision[],
    shareOf: (query: number) => RowShare,
    level: RowLevel,
  ): RowAnswer[] {
    const answers: RowAnswer[] = []
    for (let i = 0; i < decisions.length; i += QUERIES_A_PASS) {
      const group = decisions.slice(i, i + QUERIES_A_PASS)
      answers.push(...this.#searchGroup(rows, codes, group, shareOf(i), level))
    }
    return answers
  }

  #searchGroup(
    rows: RowsView,
    codes: CodedRows,
    decisions: readonly Decision[],
    share: RowShare,
    level: RowLevel,
  ): RowAnswer[] {
    const works = decisions.map((decision) => new Work(decision, codes, share, this.#rankings))
    // Few rows are gathered as float32, unless each would be a read of a file: their codes are at hand.
    const cascading = works.filter(
      (work) => (!work.isFew || rows.stored !== null) && this.#code(codes, work),
    )
    const many = codes.prefix === null ? [] : cascading.filter((work) => !work.isFew)
    const fresh = many.filter((work) => !work.goesOn)
    if (fresh.length > 0) this.#prefix(codes, fresh, share)
    for (const work of many) if (work.goesOn) work.goOn()
    return works.map((work) => {
      return cascading.includes(work)
        ? this.#finish(rows, codes, work, share, level)
        : scan(rows, work.decision, share, level)
    })
  }

  /** Makes the codes of the query; false when it is beyond the kernels. */
  #code(codes: CodedRows, work: Work): boolean {
    if (this.#coder?.transform.numbers !== codes.transform.numbers) {
      const coder = Coder.ofQueries(codes.transform, this.#projector)
      this.#coder = { transform: codes.transform, coder }
    }
    const { coder } = this.#coder
    if (!coder.code(work.decision.query.vector)) return false
    work.full = { ...coder.full, codes: coder.full.codes.slice() }
    work.prefix = {
      ...coder.prefix,
      codes: coder.prefix.codes.slice(),
      outside: coder.outside,
    }
    return true
  }

  #prefix(codes: CodedRows, works: readonly Work[], share: RowShare): void {
    const size = share.range.end - share.range.first
    works.forEach((work, q) => {
      work.bounds = work.begin()
      if (work.bounds !== null) return
      if ((this.#bounds[q]?.length ?? 0) < size) this.#bounds[q] = new Float32Array(size)
      work.bounds = this.#bounds[q]!
    })
    // A pass of four takes four times as long as one of a single query, however many of them are wanted.
    const passes = works.length === QUERIES_A_PASS ? [works] : works.map((work) => [work])
    for (const pass of passes) {
      const queries = pass.map((work) => work.prefix!)
      prefixBounds(
        ...([this.#scratch, this.#kernels, codes, queries, share] as const),
        (firstRow, count, bounds) => {
          for (const [q, work] of pass.entries()) {
            work.take(firstRow, count, bounds, pass.length, q)
          }
        },
      )
    }
  }

  #finish(
    rows: RowsView,
    codes: CodedRows,
    work: Work,
    share: RowShare,
    level: RowLevel,
  ): RowAnswer {
    const { decision } = work
    level.scanned = 0
    // Rows without codes are looked at again by every search, and rows without bounds tell nothing.
    const ranking = work.bounds === null ? null : work.ranking
    decision.keepIn(ranking)
    const seeds = work.bounds === null ? new Uint32Array(0) : work.firstRows()
    level.decideRows(rows, decision, seeds, seeds.length)
    const full = new FullCodeLevel(this.#scratch, this.#kernels, codes.full, work.full!)
    let listed = 0
    for (const range of share) {
      const near = this.#candidates(work, range, seeds)
      this.#throughCodes(rows, decision, near, full, level)
      listed += near
    }
    decision.keepIn(null)
    const isPart = share.range.end - share.range.first < rows.count
    if (ranking !== null && (isPart || decision.isCut)) this.#rankings!.keep(ranking)
    if (!work.allCoded) {
      for (const range of share) {
        const uncoded = this.#uncoded(work, range)
        level.scanRows(rows, decision, this.#list, uncoded)
      }
    }
    return decision.answer([
      ...(work.bounds === null
        ? []
        : [{ name: 'prefix', candidates: work.goesOn ? 0 : work.eligible }]),
      { name: 'codes', candidates: listed },
      { name: 'float32', candidates: level.scanned },
    ])
  }

  /** Decides the first `length` rows of the list, but for those that the codes of whole vectors rule out. */
  #throughCodes(
    rows: RowsView,
    decision: Decision,
    length: number,
    full: FullCodeLevel,
    level: RowLevel,
  ): void {
    const limits = decision.certain
    const undecided: number[] = []
    const within: number[] = []
    for (let i = 0; i < length; ) {
      const bound = decision.squaredBound
      undecided.length = 0
      within.length = 0
      i = full.filter(this.#list, i, length, { bound, ...limits }, (row, isWithin) => {
        if (isWithin) within.push(row)
        else undecided.push(row)
      })
      if (within.length > 0) level.decideRows(rows, decision, within, within.length)
      if (undecided.length > 0) level.scanRows(rows, decision, undecided, undecided.length)
    }
  }

  /** Lists the coded, allowed rows of a range that the prefix level could not rule out, but for the seeds; returns how many. */
  #candidates(work: Work, { first, end }: RowsRange, seeds: Uint32Array): number {
    this.#room(end - first)
    const list = this.#list
    const { bounds, first: boundsFrom } = work
    const bound = roundedUp(work.decision.squaredBound)
    let near = 0
    for (let row = first; row < end; row++) {
      if (bounds === null || bounds[row - boundsFrom]! <= bound) list[near++] = row
    }
    let listed = 0
    let seed = 0
    for (let i = 0; i < near; i++) {
      const row = list[i]!
      while (seed < seeds.length && seeds[seed]! < row) seed++
      if (seeds[seed] !== row && (work.all || work.isEligible(row))) list[listed++] = row
    }
    return listed
  }

  #uncoded(work: Work, { first, end }: RowsRange): number {
    this.#room(end - first)
    let listed = 0
    for (let row = first; row < end; row++) {
      if (work.isUncoded(row)) this.#list[listed++] = row
    }
    return listed
  }

  #room(rows: number): void {
    if (this.#list.length < rows) this.#list = new Uint32Array(rows)
  }
}
