import type { BlockMemory } from '../../../kernels/block-memory.ts'
import { CodeRows, fullLayout, PREFIX_LAYOUT } from '../../../kernels/code-rows.ts'
import type { RowsView } from '../../../kernels/vector-rows.ts'
import type { SearchLevel } from '../../row-index.ts'
import { type CodedRows, markCoded, markUncoded } from './coded-rows.ts'
import { PrefixWatch } from './prefix-watch.ts'
import { Renewal, takeRows } from './renewal.ts'
import type { RowCoder } from './row-coder.ts'
import { PREFIX_RANK, type Transform } from './transform.ts'

/** Below these the float32 scan is fast enough, and a subspace means little. */
const MIN_ROWS = 2048
export const MIN_DIMENSIONS = 32
/** Rows in memory that wait to be coded, above which rows in files hold up writes. */
const MAX_WAITING = 1024
const SAMPLE_ROWS = 4096
/** Rows coded in one go; the collection may close, or change, between two. */
export const ROWS_A_GO = 512
/** Of what the level in use lets through in a sample: a new one is worth its making below. */
const BETTER = 0.8
const NONE = new Uint32Array(0)

interface Levels {
  readonly transform: Transform
  readonly prefix: CodeRows | null
  readonly full: CodeRows
}

/**
 * Keeps the codes of one collection's rows in step with the rows. Lives where the rows are written.
 *
 * The prefix level is learnt anew when the rows have outgrown its sample or drifted away from it. Codes of whole
 * vectors, and the mean that both levels share, stay: any mean will do. Until the last row has its new prefix code
 * the old level is in use.
 */
export class RowCoding {
  readonly #memory: BlockMemory
  readonly #coder: RowCoder
  readonly #dimensions: number
  #levels: Levels | null = null
  #coded = new Uint32Array(new SharedArrayBuffer(0))
  /** Rows below have room for codes. */
  #end = 0
  /** Rows below are coded, as far as they can be, but for those that were written since. */
  #clean = 0
  readonly #written = new Set<number>()
  readonly #watch = new PrefixWatch()
  #renewal: Renewal | null = null
  /** Levels that searches up to a ticket may still be reading. */
  #retired: { readonly prefix: CodeRows; readonly stamp: number }[] = []

  constructor(memory: BlockMemory, coder: RowCoder, dimensions: number) {
    this.#memory = memory
    this.#coder = coder
    this.#dimensions = dimensions
  }

  get memoryBytes(): number {
    return this.#all().reduce((sum, codes) => sum + codes.memoryBytes, 0)
  }

  get levels(): 'none' | 'full' | 'prefix' {
    if (this.#levels === null) return 'none'
    return this.#levels.prefix === null ? 'full' : 'prefix'
  }

  /** For searches of at most the rows there were when this was last changed; null: no codes yet. */
  view(): CodedRows | null {
    if (this.#levels === null) return null
    const { transform, prefix, full } = this.#levels
    return {
      transform,
      prefix: prefix?.view() ?? null,
      full: full.view(),
      end: this.#end,
      coded: this.#coded.buffer as SharedArrayBuffer,
    }
  }

  /** Rows that may be in memory as float32 where they belong in a file; before the first codes, more. */
  get maxInMemory(): number {
    return this.#levels === null ? MIN_ROWS + MAX_WAITING : MAX_WAITING
  }

  /** Call before the vector of a row is written. */
  willWrite(row: number): void {
    markUncoded(this.#coded.buffer as SharedArrayBuffer, row)
    if (row < this.#clean) this.#written.add(row)
    this.#renewal?.willWrite(row)
    this.#watch.wrote()
  }

  /** The levels of a search of the nearest among all rows. */
  saw(levels: readonly SearchLevel[]): void {
    this.#watch.saw(levels)
  }

  /** Whether `advance` has work worth doing. */
  pending(rows: number): boolean {
    if (this.#levels === null) return rows >= MIN_ROWS && this.#dimensions >= MIN_DIMENSIONS
    return this.#isBehind(rows) || this.#renewal !== null || this.#watch.isDue(rows)
  }

  /**
   * Learns the transform, or codes some more rows. A row that is written meanwhile stays uncoded until its turn
   * comes again.
   *
   * @param stamp the last ticket given to a search.
   * @returns the rows that are done: coded, as far as they can be, and in their file, if there is one.
   */
  async advance(rows: RowsView, stamp: () => number): Promise<Uint32Array> {
    if (this.#levels === null) return this.#begin(rows)
    if (this.#isBehind(rows.count)) return this.#catchUp(rows, this.#levels)
    if (this.#renewal === null) return this.#learnAnew(rows, this.#levels)
    return this.#renew(rows, this.#levels, this.#renewal, stamp)
  }

  /** Puts some rows into their file, without codes. A row that is written meanwhile may be there in either version. */
  async store(rows: RowsView, wanted: Uint32Array): Promise<void> {
    await this.#coder.write(rows, null, wanted)
  }

  /** Frees what searches that have all ended were reading. */
  recycle(haveEnded: (stamp: number) => boolean): void {
    for (const { prefix, stamp } of this.#retired) if (haveEnded(stamp)) prefix.release()
    this.#retired = this.#retired.filter(({ stamp }) => !haveEnded(stamp))
  }

  /** Gives the memory back; no search may be under way. */
  release(): void {
    for (const codes of this.#all()) codes.release()
    this.#levels = null
    this.#renewal = null
    this.#retired = []
  }

  #all(): CodeRows[] {
    const { prefix = null, full = null } = this.#levels ?? {}
    const retired = this.#retired.map((level) => level.prefix)
    return [prefix, full, this.#renewal?.prefix ?? null, ...retired].filter(
      (codes) => codes !== null,
    )
  }

  #isBehind(rows: number): boolean {
    return this.#clean < rows || this.#written.size > 0
  }

  async #begin(rows: RowsView): Promise<Uint32Array> {
    const sample = sampleRows(rows.count)
    const { transform, promised } = await this.#coder.learn(rows, sample, null)
    const prefix = transform.usePrefix ? new CodeRows(this.#memory, PREFIX_LAYOUT) : null
    const full = new CodeRows(this.#memory, fullLayout(this.#dimensions))
    this.#levels = { transform, prefix, full }
    this.#watch.learnt(rows.count, promised)
    return NONE
  }

  async #catchUp(rows: RowsView, levels: Levels): Promise<Uint32Array> {
    const wanted = this.#nextRows(rows.count)
    let coded: Uint32Array
    try {
      levels.prefix?.reserve(this.#clean)
      levels.full.reserve(this.#clean)
      this.#reserveBits(this.#clean)
      this.#end = this.#clean
      coded = await this.#coder.write(rows, this.view()!, wanted)
    } catch (error) {
      for (const row of wanted) this.#written.add(row)
      throw error
    }
    // Marked here, not where they were coded: of a row that was written since, the codes may be of either version.
    const bits = this.#coded.buffer as SharedArrayBuffer
    for (const row of coded) if (!this.#written.has(row)) markCoded(bits, row)
    return wanted.filter((row) => !this.#written.has(row))
  }

  async #learnAnew(rows: RowsView, { transform, prefix }: Levels): Promise<Uint32Array> {
    const learnt = await this.#coder.learn(rows, sampleRows(rows.count), transform)
    const { usePrefix } = learnt.transform
    const isBetter = learnt.promised < learnt.now * BETTER
    if (usePrefix === (prefix !== null) && !(usePrefix && isBetter)) {
      this.#watch.learnt(rows.count, learnt.now)
      return NONE
    }
    const codes = usePrefix ? new CodeRows(this.#memory, PREFIX_LAYOUT) : null
    this.#renewal = new Renewal(learnt.transform, codes, learnt.promised)
    return NONE
  }

  /** Makes some more codes of the new level, or puts it into use. */
  async #renew(
    rows: RowsView,
    levels: Levels,
    renewal: Renewal,
    stamp: () => number,
  ): Promise<Uint32Array> {
    const { transform, prefix, promised } = renewal
    const wanted = renewal.take(this.#clean, ROWS_A_GO)
    if (prefix !== null && wanted.length > 0) {
      try {
        prefix.reserve(this.#clean)
        const target = { transform, prefix: prefix.view(), full: null }
        await this.#coder.write(rows, target, wanted)
      } catch (error) {
        renewal.putBack(wanted)
        throw error
      }
      return NONE
    }
    if (levels.prefix !== null) this.#retired.push({ prefix: levels.prefix, stamp: stamp() })
    this.#levels = { ...levels, transform, prefix }
    // Other codes are other bits, so that searches of both are told apart.
    this.#coded = sharedCopy(this.#coded)
    this.#renewal = null
    this.#watch.learnt(this.#clean, promised)
    return NONE
  }

  /** Those written since they were coded, in row order, or the next ones that never were. */
  #nextRows(count: number): Uint32Array {
    if (this.#written.size > 0) return takeRows(this.#written, ROWS_A_GO)
    const first = this.#clean
    this.#clean = Math.min(count, first + ROWS_A_GO)
    return Uint32Array.from({ length: this.#clean - first }, (_, i) => first + i)
  }

  #reserveBits(rows: number): void {
    if (this.#coded.length * 32 >= rows) return
    this.#coded = sharedCopy(this.#coded, Math.ceil(rows / 16 / 32) * 32)
  }
}

function sharedCopy(words: Uint32Array, length = words.length): Uint32Array<SharedArrayBuffer> {
  const copy = new Uint32Array(new SharedArrayBuffer(length * 4))
  copy.set(words)
  return copy
}

/** Rows spread evenly over all of them. */
function sampleRows(count: number): Uint32Array {
  const size = Math.max(PREFIX_RANK, Math.min(SAMPLE_ROWS, count))
  return Uint32Array.from({ length: size }, (_, i) => Math.floor((i * count) / size))
}
