/** How a TIFF file counts: byte order, and 4 or 8 bytes an offset (BigTIFF). */
export interface Layout {
  readonly view: DataView
  readonly little: boolean
  readonly big: boolean
}

/** Reads an unsigned number; beyond the end of the file it is infinite, which is beyond the end too. */
export function readWhole({ view, little }: Layout, at: number, bytes: 1 | 2 | 4 | 8): number {
  if (at + bytes > view.byteLength) return Number.POSITIVE_INFINITY
  if (bytes === 1) return view.getUint8(at)
  if (bytes === 2) return view.getUint16(at, little)
  if (bytes === 4) return view.getUint32(at, little)
  return Number(view.getBigUint64(at, little))
}

/** Writes an unsigned number of 32 bits at most. */
export function writeWhole(
  buffer: Buffer,
  at: number,
  bytes: number,
  value: number,
  little: boolean,
) {
  if (bytes === 2) return little ? buffer.writeUInt16LE(value, at) : buffer.writeUInt16BE(value, at)
  // The upper half of 8 bytes stays 0.
  if (little) return buffer.writeUInt32LE(value, at)
  return buffer.writeUInt32BE(value, at + bytes - 4)
}
