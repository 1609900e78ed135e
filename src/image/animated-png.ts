import { crc32 } from 'node:zlib'
import { type PngChunk, pngChunks } from './png-file.ts'

/** Chunks of the file that a frame alone does not have. */
const OF_ANIMATION = ['acTL', 'fcTL', 'fdAT', 'IDAT', 'IEND']
const SEQUENCE_BYTES = 4

/** Tells whether a PNG is a film (APNG): it says so before its picture. */
export function isAnimatedPng(bytes: Uint8Array): boolean {
  for (const { type } of pngChunks(bytes)) {
    if (type === 'acTL') return true
    if (type === 'IDAT') return false
  }
  return false
}

/**
 * Gives the frames of a film after its picture, each as a PNG of its own: decoders of stills see the picture alone. Frames that cover
 * a part of the canvas are left out, since they show what was drawn before them.
 */
export function* laterPngFrames(bytes: Uint8Array): Generator<Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const kept: Uint8Array[] = []
  let header: PngChunk | null = null
  let data: Uint8Array[] = []
  let covers = false
  const frame = (of: PngChunk) => {
    const parts = [
      bytes.subarray(0, 8),
      whole(bytes, of),
      ...kept,
      chunk('IDAT', Buffer.concat(data)),
    ]
    return Buffer.concat([...parts, chunk('IEND', new Uint8Array(0))])
  }
  for (const each of pngChunks(bytes)) {
    const { type, dataAt, length } = each
    if (dataAt + length > bytes.length) return
    if (type === 'IHDR' && length === 13) header = each
    else if (!OF_ANIMATION.includes(type)) kept.push(whole(bytes, each))
    if (header === null) return
    if (type === 'fcTL' || type === 'IEND') {
      if (covers && data.length > 0) yield frame(header)
      data = []
      covers = type === 'fcTL' && length === 26 && coversAll(view, each, header)
    }
    if (type === 'fdAT') data.push(bytes.subarray(dataAt + SEQUENCE_BYTES, dataAt + length))
  }
}

/** Tells whether width, height and place of a frame are those of the canvas. */
function coversAll(view: DataView, { dataAt }: PngChunk, header: PngChunk): boolean {
  const sides = [4, 8].map((at) => view.getUint32(dataAt + at))
  const place = [12, 16].map((at) => view.getUint32(dataAt + at))
  const canvas = [0, 4].map((at) => view.getUint32(header.dataAt + at))
  return sides.every((side, i) => side === canvas[i]) && place.every((at) => at === 0)
}

function whole(bytes: Uint8Array, { at, dataAt, length }: PngChunk): Uint8Array {
  return bytes.subarray(at, dataAt + length + 4)
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from(type), data])
  const result = Buffer.alloc(body.length + 8)
  result.writeUInt32BE(data.length, 0)
  result.set(body, 4)
  result.writeUInt32BE(crc32(body), body.length + 4)
  return result
}
