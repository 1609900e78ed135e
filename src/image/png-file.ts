import { crc32 } from 'node:zlib'

/** A chunk: its data lies at `dataAt`, and the checksum after it. */
export interface PngChunk {
  readonly type: string
  readonly at: number
  readonly dataAt: number
  readonly length: number
}

const SIGNATURE_BYTES = 8
/** Length and type before the data, the checksum after it. */
const HEAD_BYTES = 8
const CRC_BYTES = 4

/** Says what is wrong with a PNG file, in words that go after "got a PNG"; null when its structure is sound. */
export function pngFault(bytes: Uint8Array): string | null {
  let at = SIGNATURE_BYTES
  let last = ''
  for (const chunk of pngChunks(bytes)) {
    const { type, dataAt, length } = chunk
    if (type === 'CgBI') return "of Apple's own kind (CgBI), which only its own programs read"
    if (at === SIGNATURE_BYTES && type !== 'IHDR')
      return `that begins with ${shown(type)}, not IHDR`
    const end = dataAt + length
    if (end + CRC_BYTES > bytes.length) {
      return `that is cut off: its chunk ${shown(type)} at byte ${chunk.at} ends at byte ${end + CRC_BYTES} of ${bytes.length}`
    }
    // Upper case: the picture needs it.
    const critical = type.charCodeAt(0) < 97
    if (critical && crc32(bytes.subarray(dataAt - 4, end)) !== viewOf(bytes).getUint32(end)) {
      return `whose chunk ${shown(type)} at byte ${chunk.at} is damaged (its checksum differs)`
    }
    last = type
    at = end + CRC_BYTES
  }
  return last === 'IEND' ? null : `that is cut off: its ${bytes.length} bytes have no end chunk`
}

/** Walks the chunks up to the end chunk; the last one may be cut off. */
export function* pngChunks(bytes: Uint8Array): Generator<PngChunk> {
  const view = viewOf(bytes)
  let at = SIGNATURE_BYTES
  while (at + HEAD_BYTES <= bytes.length) {
    const length = view.getUint32(at)
    const type = Buffer.from(bytes.subarray(at + 4, at + HEAD_BYTES)).toString('latin1')
    yield { type, at, dataAt: at + HEAD_BYTES, length }
    if (type === 'IEND') return
    at += HEAD_BYTES + length + CRC_BYTES
  }
}

function shown(type: string): string {
  return /^[A-Za-z]{4}$/.test(type) ? type : 'of no name'
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
