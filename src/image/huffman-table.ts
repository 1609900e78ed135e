/** The codes of a table by the next 8 bits: their length in the upper byte, the symbol in the lower one; 0 for longer codes. */
export interface HuffmanTable {
  readonly short: Uint16Array
  /** For each length the first code beyond it, moved up to 16 bits, and what to add to a code to find its symbol. */
  readonly limits: Int32Array
  readonly shifts: Int32Array
  readonly symbols: Uint8Array
}

/** Makes the table of a JPEG (ITU-T T.81, annex C). @param counts of codes of 1 to 16 bits. */
export function huffmanTable(counts: Uint8Array, symbols: Uint8Array): HuffmanTable {
  const short = new Uint16Array(256)
  const limits = new Int32Array(17)
  const shifts = new Int32Array(17)
  let code = 0
  let index = 0
  for (let length = 1; length <= 16; length++) {
    shifts[length] = index - code
    for (let i = 0; i < counts[length - 1]!; i++, code++, index++) {
      if (length > 8) continue
      const from = code << (8 - length)
      short.fill((length << 8) | (symbols[index] ?? 0), from, from + (1 << (8 - length)))
    }
    limits[length] = code << (16 - length)
    code <<= 1
  }
  return { short, limits, shifts, symbols }
}
