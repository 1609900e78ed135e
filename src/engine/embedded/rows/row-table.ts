/** Entries a table has room for when it is new. */
const SMALLEST = 64
/** Share of cells in use above which a table grows. */
const FULLEST = 0.75
/** The factor by which it grows: half of it would lie empty for long if it doubled. */
const GROWTH = 1.4

/**
 * Rows found by a hash of what they hold, at 4 bytes an entry: open addressing with linear probing
 * (Knuth, The Art of Computer Programming 3, section 6.4, algorithms L and R). What a row holds is kept
 * by the caller, and must not change while the row is in the table.
 */
export class RowTable {
  readonly #hashOfRow: (row: number) => number
  /** Each is a row + 1, or 0 for none. */
  #cells = new Uint32Array(SMALLEST)
  #count = 0

  constructor(hashOfRow: (row: number) => number) {
    this.#hashOfRow = hashOfRow
  }

  get memoryBytes(): number {
    return this.#cells.byteLength
  }

  /** Gives the row of this hash that `holds` what is looked for. */
  find(hash: number, holds: (row: number) => boolean): number | undefined {
    for (let i = this.#home(hash); ; i = this.#next(i)) {
      const cell = this.#cells[i]!
      if (cell === 0) return undefined
      if (holds(cell - 1)) return cell - 1
    }
  }

  /** Makes room for this many entries at once: to place many again takes a while. */
  reserve(entries: number): void {
    const cells = Math.ceil(entries / FULLEST)
    if (cells > this.#cells.length) this.#grow(cells)
  }

  add(row: number): void {
    if (this.#count + 1 > this.#cells.length * FULLEST) {
      this.#grow(Math.ceil(this.#cells.length * GROWTH))
    }
    this.#place(row)
    this.#count++
  }

  delete(row: number): void {
    let gap = this.#home(this.#hashOfRow(row))
    while (this.#cells[gap] !== row + 1) {
      if (this.#cells[gap] === 0) return
      gap = this.#next(gap)
    }
    this.#count--
    // What follows moves up, unless it would come to stand before the place it is looked for from.
    for (let i = this.#next(gap); this.#cells[i] !== 0; i = this.#next(i)) {
      const home = this.#home(this.#hashOfRow(this.#cells[i]! - 1))
      if (this.#way(home, i) < this.#way(gap, i)) continue
      this.#cells[gap] = this.#cells[i]!
      gap = i
    }
    this.#cells[gap] = 0
  }

  #grow(cells: number): void {
    const before = this.#cells
    this.#cells = new Uint32Array(cells)
    for (const cell of before) if (cell !== 0) this.#place(cell - 1)
  }

  #place(row: number): void {
    let i = this.#home(this.#hashOfRow(row))
    while (this.#cells[i] !== 0) i = this.#next(i)
    this.#cells[i] = row + 1
  }

  /** Hashes of 32 bits, spread over the cells. */
  #home(hash: number): number {
    return Math.floor((hash / 2 ** 32) * this.#cells.length)
  }

  #next(cell: number): number {
    return cell + 1 === this.#cells.length ? 0 : cell + 1
  }

  /** Cells from one to another, around the end. */
  #way(from: number, to: number): number {
    return to >= from ? to - from : to - from + this.#cells.length
  }
}
