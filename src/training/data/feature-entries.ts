import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'

// magic, dimensions, then entries: SHA-256 of the image file, float32 vector, checksum of both.
export const MAGIC = Buffer.from('LKFEAT02')
export const HEADER_BYTES = MAGIC.length + 4
export const HASH_BYTES = 32
/** The part of the SHA-256 of an entry that is stored: enough to find damage. */
export const CHECKSUM_BYTES = 8
export const ENTRIES_AT_ONCE = 256

/** Reads the next `most` bytes; fewer at the end of the file. */
export async function readUpTo(handle: FileHandle, most: number): Promise<Buffer> {
  const bytes = Buffer.alloc(most)
  let filled = 0
  while (filled < most) {
    const { bytesRead } = await handle.read(bytes, filled, most - filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return bytes.subarray(0, filled)
}

export function headerOf(dimensions: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  MAGIC.copy(header)
  header.writeUInt32LE(dimensions, MAGIC.length)
  return header
}

export function entryBytes(dimensions: number): number {
  return HASH_BYTES + 4 * dimensions + CHECKSUM_BYTES
}

export function entryOf(hash: string, vector: Float32Array): Buffer {
  const entry = Buffer.alloc(entryBytes(vector.length))
  entry.write(hash, 0, 'hex')
  for (let i = 0; i < vector.length; i++) entry.writeFloatLE(vector[i]!, HASH_BYTES + 4 * i)
  checksumOf(entry).copy(entry, entry.length - CHECKSUM_BYTES)
  return entry
}

export function vectorOf(entry: Buffer, dimensions: number): Float32Array {
  const vector = new Float32Array(dimensions)
  for (let i = 0; i < dimensions; i++) vector[i] = entry.readFloatLE(HASH_BYTES + 4 * i)
  return vector
}

export function checksumOf(entry: Buffer): Buffer {
  const body = entry.subarray(0, -CHECKSUM_BYTES)
  return createHash('sha256').update(body).digest().subarray(0, CHECKSUM_BYTES)
}
