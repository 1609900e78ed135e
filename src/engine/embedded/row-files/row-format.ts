/** Behind the numbers of a row, as the machine writes them, comes their CRC-32. */
const CHECK_BYTES = 4

export function rowBytes(dimensions: number): number {
  return dimensions * 4 + CHECK_BYTES
}
