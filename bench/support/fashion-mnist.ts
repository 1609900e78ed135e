import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { toStoredVector } from '../../src/vector/stored-vector.ts'

const PIXELS = 28 * 28
/** The header of an idx3 file: magic, count, rows and columns, four bytes each. */
const HEADER_BYTES = 16

/** Reads the images of an idx file of Fashion-MNIST (Xiao et al., 2017), as unit vectors of their pixels. */
export function fashionMnist(folder: string, part: 'train' | 't10k'): Float32Array[] {
  const bytes = gunzipSync(readFileSync(join(folder, `${part}-images-idx3-ubyte.gz`)))
  const count = bytes.readUInt32BE(4)
  if (bytes.length !== HEADER_BYTES + count * PIXELS) {
    throw new Error(`expected ${count} images of ${PIXELS} bytes, got ${bytes.length} bytes`)
  }
  return Array.from({ length: count }, (_, i) => {
    const start = HEADER_BYTES + i * PIXELS
    return toStoredVector(bytes.subarray(start, start + PIXELS), PIXELS, 'cosine')
  })
}
