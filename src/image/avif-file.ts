/** A box of ISO base media (ISO/IEC 14496-12, 4.2): its content is `dataAt` to `end`, which may lie beyond the end of the file. */
interface Box {
  readonly type: string
  readonly at: number
  readonly dataAt: number
  readonly end: number
}

/** The most boxes of one level that are looked at. */
const MAX_BOXES = 1000

/** Says what is wrong with an AVIF file, in words that go after "got an AVIF"; null when its structure is sound. */
export function avifFault(bytes: Uint8Array): string | null {
  const boxes = boxesOf(bytes)
  const cut = boxes.find(({ end }) => end > bytes.length)
  if (cut !== undefined) {
    return `that is cut off: its box ${cut.type} at byte ${cut.at} ends at byte ${cut.end} of ${bytes.length}`
  }
  const types = boxes.map(({ type }) => type)
  if (types.includes('meta')) return null
  return types.includes('moov')
    ? 'sequence without a still picture: save a frame of it as a still picture'
    : 'without the box meta, which says where the picture is'
}

/**
 * Gives the file with `avif` for its major brand: a sequence (`avis`) has a still picture too, mostly its first frame, and libvips
 * looks for one if told that there is.
 */
export function asStillAvif(bytes: Uint8Array): Uint8Array {
  if (Buffer.from(bytes.subarray(8, 12)).toString('latin1') === 'avif') return bytes
  const copy = new Uint8Array(bytes)
  copy.set(Buffer.from('avif'), 8)
  return copy
}

function boxesOf(bytes: Uint8Array): readonly Box[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const boxes: Box[] = []
  let at = 0
  while (at + 8 <= bytes.length && boxes.length < MAX_BOXES) {
    const short = view.getUint32(at)
    const large = short === 1 && at + 16 <= bytes.length
    const size = large ? Number(view.getBigUint64(at + 8)) : short
    // A size of 0 means: up to the end of the file.
    const end = size === 0 ? bytes.length : at + Math.max(size, 8)
    const type = Buffer.from(bytes.subarray(at + 4, at + 8)).toString('latin1')
    boxes.push({ type: type.trim(), at, dataAt: at + (large ? 16 : 8), end })
    at = end
  }
  return boxes
}
