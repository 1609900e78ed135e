import type { BlockMemory } from '../../kernels/block-memory.ts'
import { CodeRows, fullLayout, PREFIX_LAYOUT } from '../../kernels/code-rows.ts'
import type { RowsView } from '../../kernels/vector-rows.ts'
import { type CodedRows, markCoded, markUncoded } from './coded-rows.ts'
import type { RowCoder } from './row-coder.ts'
import { PREFIX_RANK, type Transform } from './transform.ts'

/** Below these the float32 scan is fast enough, and a subspace means little. */
const MIN_ROWS = 2048
export const MIN_DIMENSIONS = 32
/** Rows in memory that wait to be coded, above which rows in files hold up writes. */
const MAX_WAITING = 1024
const SAMPLE_ROWS = 4096
/** Rows coded in one go; the collection may close, or change, between two. */
const ROWS_A_GO = 512

interface Levels {
  readonly transform: Transform
  readonly prefix: CodeRows | null
  readonly full: CodeRows
}

/** Keeps the codes of one collection's rows in step with the rows. Lives where the rows are written. */
export class RowCoding {
  readonly #memory: BlockMemory
  readonly #coder: RowCoder
  readonly #dimensions: number
  #levels: Levels | null = null
  #coded = new Uint32Array(new SharedArrayBuffer(0))
  /** Rows below are coded, as far as they can be, but for those that were written since. */
  #clean = 0
  readonly #written = new Set<number>()

  constructor(memory: BlockMemory, coder: RowCoder, dimensions: number) {
    this.#memory = memory
    this.#coder = coder
    this.#dimensions = dimensions
  }

  get memoryBytes(): number {
    return (this.#levels?.prefix?.memoryBytes ?? 0) + (this.#levels?.full.memoryBytes ?? 0)
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
  }

  /** Whether `advance` has work worth doing. */
  pending(rows: number): boolean {
    if (this.#levels !== null) return this.#clean < rows || this.#written.size > 0
    return rows >= MIN_ROWS && this.#dimensions >= MIN_DIMENSIONS
  }

  /**
   * Learns the transform, or codes some more rows. A row that is written meanwhile stays uncoded until its turn
   * comes again.
   *
   * @returns the rows that are done: coded, as far as they can be, and in their file, if there is one.
   */
  async advance(rows: RowsView): Promise<Uint32Array> {
    if (this.#levels === null) {
      const transform = await this.#coder.learn(rows, sampleRows(rows.count))
      const prefix = transform.usePrefix ? new CodeRows(this.#memory, PREFIX_LAYOUT) : null
      this.#levels = {
        transform,
        prefix,
        full: new CodeRows(this.#memory, fullLayout(this.#dimensions)),
      }
      return new Uint32Array(0)
    }
    const wanted = this.#nextRows(rows.count)
    const coded = await this.#write(rows, this.#levels, wanted)
    // Marked here, not where they were coded: of a row that was written since, the codes may be of either version.
    const bits = this.#coded.buffer as SharedArrayBuffer
    for (const row of coded) if (!this.#written.has(row)) markCoded(bits, row)
    return wanted.filter((row) => !this.#written.has(row))
  }

  /** Gives the memory back; no search may be under way. */
  release(): void {
    this.#levels?.prefix?.release()
    this.#levels?.full.release()
    this.#levels = null
  }

  async #write(rows: RowsView, levels: Levels, wanted: Uint32Array): Promise<Uint32Array> {
    try {
      levels.prefix?.reserve(this.#clean)
      levels.full.reserve(this.#clean)
      this.#reserveBits(this.#clean)
      return await this.#coder.write(rows, this.view()!, wanted)
    } catch (error) {
      for (const row of wanted) this.#written.add(row)
      throw error
    }
  }

  /** Those written since they were coded, in row order, or the next ones that never were. */
  #nextRows(count: number): Uint32Array {
    if (this.#written.size > 0) {
      const rows = Uint32Array.from([...this.#written].slice(0, ROWS_A_GO)).sort()
      for (const row of rows) this.#written.delete(row)
      return rows
    }
    const first = this.#clean
    this.#clean = Math.min(count, first + ROWS_A_GO)
    return Uint32Array.from({ length: this.#clean - first }, (_, i) => first + i)
  }

  #reserveBits(rows: number): void {
    if (this.#coded.length * 32 >= rows) return
    const larger = new Uint32Array(new SharedArrayBuffer(Math.ceil(rows / 16 / 32) * 32 * 4))
    larger.set(this.#coded)
    this.#coded = larger
  }
}

/** Rows spread evenly over all of them. */
function sampleRows(count: number): Uint32Array {
  const size = Math.max(PREFIX_RANK, Math.min(SAMPLE_ROWS, count))
  return Uint32Array.from({ length: size }, (_, i) => Math.floor((i * count) / size))
}
