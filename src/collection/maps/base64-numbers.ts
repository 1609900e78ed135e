/** Gives numbers as they are in memory in base64: little-endian on every processor that Node runs on here. */
export function base64Numbers({
  buffer,
  byteOffset,
  byteLength,
}: Float32Array | Float64Array | Uint16Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64')
}
