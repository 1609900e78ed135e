import { Projector } from '../../kernels/projector.ts'
import { hasBit } from '../../vector/bitset.ts'
import { FullCodeLevel, QUERIES_A_PASS } from '../scan/cascade/code-level.ts'
import type { CodedRows } from '../scan/cascade/coded-rows.ts'
import { Coder, type QueryCodes } from '../scan/cascade/coder.ts'
import { decideByCodes } from '../scan/cascade/decide-by-codes.ts'
import { FloatLevel } from '../scan/float-level.ts'
import { type RowLevel, StoredLevel } from '../scan/row-level.ts'
import type { RowsRange } from '../scan/row-share.ts'
import { type ReadRow, RowSource } from '../scan/row-source.ts'
import { ScanSegment } from '../scan/scan-segment.ts'
import { FoundPairs } from './found-pairs.ts'
import type { JoinSlice, JoinStrip, JoinTask } from './join-task.ts'
import { fourOf, pairsByCodes } from './pair-codes.ts'
import { PairsOfRow } from './pairs-of-row.ts'
import type { RankSlice, RankTask } from './rank-task.ts'
import { RightRows } from './right-rows.ts'
import { codesOfRow } from './row-codes.ts'
import { type JoinOptions, rankSlice } from './row-ranks.ts'
import { stripFrom } from './strip.ts'

/** Rows of the left side that meet all others before the next ones: what is read of a strip serves all of them. */
const ROWS_A_BUNDLE = 32
/** Pairs after which a slice ends, so that few are in memory: a step beyond may add four times the rows of a strip at most. */
const PAIRS_A_SLICE = 32_768

/** One row of the left side, with what bounds its distances. */
interface LeftRow {
  readonly pairs: PairsOfRow
  /** Null where the rows have no codes, or the vector can have none. */
  readonly codes: QueryCodes | null
}

/**
 * Joins rows in shared memory from one thread (Zezula et al., Similarity Search, 2006, section 1.4: similarity join). It is a
 * nested loop over blocks, in which four rows at a time meet the codes of all others; docs/exactness.md proves the bounds by
 * which pairs are dropped, and the canonical distance decides what is left.
 */
export class RowJoin {
  readonly #module: WebAssembly.Module
  readonly #thread: number
  readonly #segments: ScanSegment[] = []
  readonly #memories: WebAssembly.Memory[] = []
  readonly #floats: FloatLevel
  readonly #stored: StoredLevel
  readonly #source: RowSource
  readonly #projector: Projector

  /** @param thread the scratch space to use, 0 to 63; nothing else may use it at the same time. */
  constructor(module: WebAssembly.Module, thread: number, readRow: ReadRow | null = null) {
    this.#module = module
    this.#thread = thread
    this.#source = new RowSource(this.#memories, readRow)
    this.#floats = new FloatLevel(this.#segments)
    this.#stored = new StoredLevel(this.#source)
    this.#projector = new Projector(module)
  }

  addSegment(memory: WebAssembly.Memory): void {
    this.#memories.push(memory)
    this.#segments.push(new ScanSegment(this.#module, memory, this.#thread))
  }

  /** Joins until the task or the slice is over. */
  slice(task: JoinTask, { clock, sliceMs, checkStop }: JoinOptions): JoinSlice {
    const until = clock() + sliceMs
    const found = new FoundPairs(task.k, task.radius, task.ranks)
    const right = new RightRows(task.right)
    const groups = this.#leftGroups(task, right, found)
    const { leftRows, isSelf } = task
    const { count } = task.right.rows
    let isFirst = true
    let { right: first, left, strip: begun } = task.from
    while (left < leftRows.length) {
      const bundle = left - (left % ROWS_A_BUNDLE)
      const bundleEnd = Math.min(leftRows.length, bundle + ROWS_A_BUNDLE)
      // Nothing before the first of them is behind any.
      if (isSelf && begun === null) first = Math.max(first, leftRows[bundle]! & ~31)
      while (first < count) {
        const { end, level } = begun ?? this.#strip(task, groups(bundle), first)
        const strip = { first, end }
        for (; left < bundleEnd; left += QUERIES_A_PASS) {
          // Nothing of the strip is behind them.
          if (isSelf && leftRows[left]! >= end - 1) break
          const isFull = task.ranks === null && found.count >= PAIRS_A_SLICE
          if (!isFirst && (isFull || clock() >= until)) {
            return { ...found.finish(), next: { right: first, left, strip: { end, level } } }
          }
          checkStop()
          this.#joinGroup(task, right, groups(left), strip, level)
          isFirst = false
        }
        left = bundle
        first = end
        begun = null
      }
      left = bundleEnd
      first = 0
    }
    return { ...found.finish(), next: null }
  }

  /** Gives four rows of the left side at a time, by the place of the first, each made once. */
  #leftGroups(task: JoinTask, right: RightRows, found: FoundPairs): (place: number) => LeftRow[] {
    const {
      left,
      leftRows,
      isSelf,
      right: { codes },
    } = task
    const coder = codes && new Coder(codes.transform, this.#projector, 'queries')
    const hasCodes = isSelf && codes !== null && codes.prefix !== null
    const made = new Map<number, LeftRow[]>()
    return (place) => {
      const known = made.get(place)
      if (known !== undefined) return known
      const group = [...leftRows.subarray(place, place + QUERIES_A_PASS)].map((row) => {
        const vector = this.#source.vector(left, row).slice()
        const pairs = new PairsOfRow(task, found, row, vector)
        // To make codes would take as long as the prefix codes of ten thousand rows.
        const own = hasCodes && hasBit(right.bits, row)
        if (own) return { pairs, codes: codesOfRow(this.#segments, codes, row) }
        return { pairs, codes: coder?.codesOf(vector) ?? null }
      })
      made.set(place, group)
      return group
    }
  }

  /** Counts ranks until the task or the slice is over. */
  ranks(task: RankTask, options: JoinOptions): RankSlice {
    const parts = {
      segments: this.#segments,
      source: this.#source,
      projector: this.#projector,
      level: task.rows.stored === null ? this.#floats : this.#stored,
    }
    return rankSlice(parts, task, options)
  }

  #strip({ right }: JoinTask, group: readonly LeftRow[], first: number): JoinStrip {
    const codes = group.flatMap(({ codes: own }) => (own === null ? [] : [own]))
    return stripFrom(this.#segments, right, codes, group[0]!.pairs.squaredBound, first)
  }

  #joinGroup(
    task: JoinTask,
    right: RightRows,
    group: readonly LeftRow[],
    strip: RowsRange,
    level: JoinStrip['level'],
  ): void {
    const { rows, codes } = task.right
    const vectors: RowLevel = rows.stored === null ? this.#floats : this.#stored
    const members = group.map(({ pairs, codes: own }) => {
      const first = task.isSelf ? Math.max(strip.first, pairs.row + 1) : strip.first
      return { pairs, codes: own, range: { first, end: strip.end } }
    })
    const coded = members.filter((member) => codes !== null && member.codes !== null)
    const lists = codes === null ? [] : this.#near(right, codes, coded, strip, level)
    coded.forEach(({ pairs, codes: own }, i) => {
      const list = lists[i]!
      if (list.length === 0) return
      if (level === 'full' && !right.isSparse(strip))
        vectors.scanRows(rows, pairs, list, list.length)
      else {
        const full = new FullCodeLevel(this.#segments, codes!.full, own!.full)
        decideByCodes(rows, pairs, list, list.length, full, vectors)
      }
    })
    for (const { pairs, range, codes: own } of members) {
      if (range.first >= range.end) continue
      if (codes === null || own === null) vectors.scanRange(rows, pairs, range)
      else {
        const uncoded = right.uncoded(range)
        if (uncoded.length > 0) vectors.scanRows(rows, pairs, uncoded, uncoded.length)
      }
    }
  }

  /** Lists the coded rows of the strip that may be near each of up to four vectors. */
  #near(
    right: RightRows,
    codes: CodedRows,
    group: readonly (LeftRow & { readonly range: RowsRange })[],
    strip: RowsRange,
    chosen: JoinStrip['level'],
  ): readonly (readonly number[])[] {
    if (group.length === 0) return []
    // The prefix codes may be gone since the strip began.
    const level = chosen === 'prefix' && codes.prefix === null ? 'none' : chosen
    if (level === 'none' || right.isSparse(strip)) {
      return group.map(({ range }) => right.coded(range))
    }
    const lists = group.map((): number[] => [])
    const queries = fourOf(group.map(({ codes: own }) => own!))
    const firsts = group.map(({ range }) => range.first)
    const range = { first: Math.min(...firsts), end: strip.end }
    const { bits } = right
    const bound = group[0]!.pairs.squaredBound
    pairsByCodes(this.#segments, codes, level, queries, range, bound, (query, row) => {
      if (query >= firsts.length || row < firsts[query]! || !hasBit(bits, row)) return
      lists[query]!.push(row)
    })
    return lists
  }
}
