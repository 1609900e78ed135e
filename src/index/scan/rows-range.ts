/** Rows from `first` up to `end`, exclusive: a share that one thread searches. */
export interface RowsRange {
  readonly first: number
  readonly end: number
}

/** A part of a block: its number in row order, and rows relative to its first. */
export interface BlockPart {
  readonly block: number
  readonly firstRow: number
  readonly from: number
  readonly count: number
}

/** The parts of blocks that a range covers, where a block holds `capacity` rows. */
export function* blockParts({ first, end }: RowsRange, capacity: number): Generator<BlockPart> {
  for (let row = first; row < end; ) {
    const block = Math.floor(row / capacity)
    const firstRow = block * capacity
    const from = row - firstRow
    const count = Math.min(capacity - from, end - row)
    yield { block, firstRow, from, count }
    row += count
  }
}

/** Cuts rows into `parts` ranges of about the same size, at multiples of 32 rows. */
export function splitRows(rows: number, parts: number): RowsRange[] {
  const cut = (i: number) => (i === parts ? rows : Math.floor((rows * i) / parts / 32) * 32)
  return Array.from({ length: parts }, (_, i) => ({ first: cut(i), end: cut(i + 1) }))
}
