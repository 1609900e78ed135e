import { endianness } from 'node:os'

const SWAPPED = endianness() === 'BE'

/** The bytes of a vector as the truth holds them: float32, little-endian. */
export function vectorBlob(vector: Float32Array): Buffer {
  const bytes = Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength)
  return SWAPPED ? Buffer.from(bytes).swap32() : bytes
}

/** Copies a vector's bytes into `vectors` from element `offset` on. */
export function copyVectorBlob(blob: Uint8Array, vectors: Float32Array, offset: number): void {
  const target = Buffer.from(vectors.buffer, vectors.byteOffset + offset * 4, blob.byteLength)
  target.set(blob)
  if (SWAPPED) target.swap32()
}
