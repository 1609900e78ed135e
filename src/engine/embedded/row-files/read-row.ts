import { readSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { AppError } from '../../../errors.ts'
import type { ReadRow } from '../../../index/scan/row-source.ts'
import { rowBytes } from './row-format.ts'

/** For one thread. @throws STORE_FAILED for a row that is not as it was written. */
export function rowReader(): ReadRow {
  let buffer = Buffer.alloc(0)
  return (file, row, into) => {
    const bytes = rowBytes(into.length)
    if (buffer.length !== bytes) buffer = Buffer.alloc(bytes)
    const read = readSync(file, buffer, 0, bytes, row * bytes)
    checkRow(buffer, row, read)
    into.set(new Float32Array(buffer.buffer, buffer.byteOffset, into.length))
  }
}

/** @throws STORE_FAILED. */
export function checkRow(buffer: Buffer, row: number, read: number): void {
  const numbers = buffer.length - 4
  if (read === buffer.length && crc32(buffer.subarray(0, numbers)) === buffer.readUInt32LE(numbers))
    return
  throw new AppError(
    'STORE_FAILED',
    `expected row ${row} of a file of vectors as it was written, got ${read} bytes that differ: the disk is at fault, and a new start writes the file anew`,
  )
}
