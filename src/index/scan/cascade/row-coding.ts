import type { BlockMemory } from '../../../kernels/block-memory.ts'
import { CodeRows, fullLayout, PREFIX_LAYOUT } from '../../../kernels/code-rows.ts'
import type { RowsView } from '../../../kernels/vector-rows.ts'
import { sharedBits } from '../../../vector/bitset.ts'
import type { SearchLevel } from '../../row-index.ts'
import { type CodedRows, markCoded, markUncoded, type RowCoder } from './coded-rows.ts'
import { PrefixWatch } from './prefix-watch.ts'
import { PREFIX_RANK, type Transform } from './transform.ts'
import { UncodedRows } from './uncoded-rows.ts'

/** Below these the float32 scan is fast enough, and a subspace means little. */
const MIN_ROWS = 2048
export const MIN_DIMENSIONS = 32
/** Rows in memory that wait to be coded, above which rows in files hold up writes. */
const MAX_WAITING = 1024
const SAMPLE_ROWS = 4096
/** Rows coded in one go; the collection may close, or change, between two. */
export const ROWS_A_GO = 512
/** A new level is worth its making where it lets through less than this share of what the level in use does. */
const BETTER = 0.8
const NONE = new Uint32Array(0)

interface Levels {
  readonly transform: Transform
  readonly prefix: CodeRows | null
  readonly full: CodeRows
}

/** A prefix level in the making, beside the one in use. */
interface Renewal {
  readonly transform: Transform
  /** Null when the level is to be dropped. */
  readonly prefix: CodeRows | null
  /** Share of rows that the sample promises to let through. */
  readonly promised: number
  readonly uncoded: UncodedRows
}

/**
 * Keeps the codes of one collection's rows in step with the rows. Lives where the rows are written.
 *
 * The prefix level is learnt again when the rows have outgrown its sample or drifted away from it. Codes of whole
 * vectors, and the mean that both levels share, stay: any mean will do. Until the last row has its new prefix code
 * the old level is in use.
 */
export class RowCoding {
  readonly #memory: BlockMemory
  readonly #coder: RowCoder
  readonly #dimensions: number
  #levels: Levels | null = null
  #coded = sharedBits(0)
  /** Rows below have room for codes. */
  #end = 0
  readonly #uncoded = new UncodedRows()
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

  /** Gives the codes for searches of at most the rows there were when this was last changed; null: no codes yet. */
  view(): CodedRows | null {
    if (this.#levels === null) return null
    const { transform, prefix, full } = this.#levels
    return {
      transform,
      prefix: prefix?.view() ?? null,
      full: full.view(),
      end: this.#end,
      coded: this.#coded.buffer,
    }
  }

  /** Rows that may be in memory as float32 where they belong in a file; before the first codes, more. */
  get maxInMemory(): number {
    return this.#levels === null ? MIN_ROWS + MAX_WAITING : MAX_WAITING
  }

  /** Call before the vector of a row is written. */
  willWrite(row: number): void {
    markUncoded(this.#coded.buffer, row)
    this.#uncoded.willWrite(row)
    this.#renewal?.uncoded.willWrite(row)
    this.#watch.wrote()
  }

  /** To be called with the levels of a search of the nearest among all rows. */
  saw(levels: readonly SearchLevel[]): void {
    this.#watch.saw(levels)
  }

  /** Tells whether `advance` has work worth doing. */
  pending(rows: number): boolean {
    if (this.#levels === null) return rows >= MIN_ROWS && this.#dimensions >= MIN_DIMENSIONS
    return this.#uncoded.isLeft(rows) || this.#renewal !== null || this.#watch.isDue(rows)
  }

  /**
   * Learns the transform, or codes some more rows. A row that is written meanwhile stays uncoded until its turn
   * comes again.
   *
   * @param stamp the last ticket given to a search.
   * @returns the rows that are done: coded, as far as they can be, and in their file, if there is one.
   */
  async advance(rows: RowsView, stamp: () => number): Promise<Uint32Array> {
    const levels = this.#levels
    if (levels === null) await this.#begin(rows)
    else if (this.#uncoded.isLeft(rows.count)) return await this.#catchUp(rows, levels)
    else if (this.#renewal === null) await this.#learnAgain(rows, levels)
    else await this.#renew(rows, levels, this.#renewal, stamp)
    return NONE
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

  #newPrefix({ usePrefix }: Transform): CodeRows | null {
    return usePrefix ? new CodeRows(this.#memory, PREFIX_LAYOUT) : null
  }

  async #begin(rows: RowsView): Promise<void> {
    const sample = sampleRows(rows.count)
    const { transform, promised } = await this.#coder.learn(rows, sample, null)
    const full = new CodeRows(this.#memory, fullLayout(this.#dimensions))
    this.#levels = { transform, prefix: this.#newPrefix(transform), full }
    this.#watch.learnt(rows.count, promised)
  }

  async #catchUp(rows: RowsView, levels: Levels): Promise<Uint32Array> {
    const wanted = this.#uncoded.take(rows.count, ROWS_A_GO)
    const { end } = this.#uncoded
    const coded = await this.#uncoded.orTakeBack(wanted, async () => {
      levels.prefix?.reserve(end)
      levels.full.reserve(end)
      if (this.#coded.length * 32 < end) {
        this.#coded = sharedCopy(this.#coded, Math.ceil(end / 16 / 32) * 32)
      }
      this.#end = end
      return await this.#coder.write(rows, this.view()!, wanted)
    })
    // Marked here, not where they were coded: of a row that was written since, the codes may be of either version.
    for (const row of coded) {
      if (!this.#uncoded.wasWritten(row)) markCoded(this.#coded.buffer, row)
    }
    return wanted.filter((row) => !this.#uncoded.wasWritten(row))
  }

  async #learnAgain(rows: RowsView, { transform: old, prefix }: Levels): Promise<void> {
    const sample = sampleRows(rows.count)
    const { transform, promised, now } = await this.#coder.learn(rows, sample, old)
    const isBetter = promised < now * BETTER
    if (transform.usePrefix === (prefix !== null) && !(transform.usePrefix && isBetter)) {
      this.#watch.learnt(rows.count, now)
      return
    }
    const codes = this.#newPrefix(transform)
    this.#renewal = { transform, prefix: codes, promised, uncoded: new UncodedRows() }
  }

  /** Makes some more codes of the new level, or puts it into use. */
  async #renew(
    rows: RowsView,
    levels: Levels,
    { transform, prefix, promised, uncoded }: Renewal,
    stamp: () => number,
  ): Promise<void> {
    const { end } = this.#uncoded
    if (prefix !== null && uncoded.isLeft(end)) {
      const wanted = uncoded.take(end, ROWS_A_GO)
      await uncoded.orTakeBack(wanted, async () => {
        prefix.reserve(end)
        const target = { transform, prefix: prefix.view(), full: null }
        await this.#coder.write(rows, target, wanted)
      })
      return
    }
    if (levels.prefix !== null) this.#retired.push({ prefix: levels.prefix, stamp: stamp() })
    this.#levels = { ...levels, transform, prefix }
    // Other codes are other bits, so that no search takes the one for the other.
    this.#coded = sharedCopy(this.#coded, this.#coded.length)
    this.#renewal = null
    this.#watch.learnt(end, promised)
  }
}

function sharedCopy(words: Uint32Array, length: number): Uint32Array<SharedArrayBuffer> {
  const copy = sharedBits(length * 32)
  copy.set(words)
  return copy
}

/** Rows spread evenly over all of them. */
function sampleRows(count: number): Uint32Array {
  const size = Math.max(PREFIX_RANK, Math.min(SAMPLE_ROWS, count))
  return Uint32Array.from({ length: size }, (_, i) => Math.floor((i * count) / size))
}
