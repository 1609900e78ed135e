/** Entries a table has room for when it is new; a power of two. */
const SMALLEST = 64

/**
 * Rows found by a hash of what they hold, at 4 bytes an entry: open addressing with linear probing
 * (Knuth, The Art of Computer Programming 3, section 6.4, algorithms L and R). What a row holds is kept
 * by the caller, and must not change while the row is in the table.
 */
export class RowTable {
  readonly #hashOfRow: (row: number) => number
  /** Row + 1, or 0 for none. */
  #cells = new Uint32Array(SMALLEST)
  #count = 0

  constructor(hashOfRow: (row: number) => number) {
    this.#hashOfRow = hashOfRow
  }

  get memoryBytes(): number {
    return this.#cells.byteLength
  }

  /** The row of this hash that `holds` what is looked for. */
  find(hash: number, holds: (row: number) => boolean): number | undefined {
    const mask = this.#cells.length - 1
    for (let i = hash & mask; ; i = (i + 1) & mask) {
      const cell = this.#cells[i]!
      if (cell === 0) return undefined
      if (holds(cell - 1)) return cell - 1
    }
  }

  add(row: number): void {
    if ((this.#count + 1) * 4 > this.#cells.length * 3) this.#grow()
    this.#place(row)
    this.#count++
  }

  delete(row: number): void {
    const mask = this.#cells.length - 1
    let gap = this.#hashOfRow(row) & mask
    while (this.#cells[gap] !== row + 1) {
      if (this.#cells[gap] === 0) return
      gap = (gap + 1) & mask
    }
    this.#count--
    // What follows moves up, unless it would come to stand before the place it is looked for from.
    for (let i = (gap + 1) & mask; this.#cells[i] !== 0; i = (i + 1) & mask) {
      const home = this.#hashOfRow(this.#cells[i]! - 1) & mask
      if (((i - home) & mask) < ((i - gap) & mask)) continue
      this.#cells[gap] = this.#cells[i]!
      gap = i
    }
    this.#cells[gap] = 0
  }

  #grow(): void {
    const before = this.#cells
    this.#cells = new Uint32Array(before.length * 2)
    for (const cell of before) if (cell !== 0) this.#place(cell - 1)
  }

  #place(row: number): void {
    const mask = this.#cells.length - 1
    let i = this.#hashOfRow(row) & mask
    while (this.#cells[i] !== 0) i = (i + 1) & mask
    this.#cells[i] = row + 1
  }
}
