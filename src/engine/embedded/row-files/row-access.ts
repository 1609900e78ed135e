import { readSync, writeSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { AppError } from '../../../errors.ts'
import { isInMemory, type ReadRow, type RowSource } from '../../../index/scan/row-source.ts'
import type { RowsView } from '../../../kernels/vector-rows.ts'

/** Behind the numbers of a row, as the machine writes them, comes their CRC-32. */
const CHECK_BYTES = 4
/** A buffer holds at least a row. */
const BUFFER_BYTES = 256 * 1024

export function rowBytes(dimensions: number): number {
  return dimensions * 4 + CHECK_BYTES
}

/** @throws STORE_FAILED unless the row was read whole, and is as it was written. */
export function checkRow(buffer: Buffer, row: number, read: number): void {
  const numbers = buffer.length - CHECK_BYTES
  if (read === buffer.length && crc32(buffer.subarray(0, numbers)) === buffer.readUInt32LE(numbers))
    return
  throw new AppError(
    'STORE_FAILED',
    `expected row ${row} of a file of vectors as it was written, got ${read} bytes that differ: the disk is at fault, and a new start writes the file anew`,
  )
}

/** Makes a reader for one thread. It throws as `checkRow` does. */
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

/**
 * Makes a writer for one thread. It writes those of the rows listed, in ascending order, that are still in memory;
 * neighbours together.
 */
export function rowWriter(source: RowSource): (rows: RowsView, wanted: Uint32Array) => void {
  // One for all: a thread gives little back of what it took for buffers that it has dropped.
  let buffer = Buffer.alloc(0)
  return (rows, wanted) => {
    const { stored } = rows
    if (stored === null) return
    const bytes = rowBytes(rows.layout.dimensions)
    if (buffer.length < bytes) buffer = Buffer.alloc(Math.max(bytes, BUFFER_BYTES))
    const most = Math.floor(buffer.length / bytes)
    const list = wanted.filter((row) => isInMemory(rows, row))
    for (let start = 0; start < list.length; ) {
      let count = 0
      do {
        const place = buffer.subarray(count * bytes, (count + 1) * bytes)
        fill(place, source.vector(rows, list[start + count]!))
        count++
      } while (count < most && list[start + count] === list[start]! + count)
      writeWhole(stored.file, buffer.subarray(0, count * bytes), list[start]! * bytes)
      start += count
    }
  }
}

function fill(place: Buffer, vector: Float32Array): void {
  const numbers = place.subarray(0, -CHECK_BYTES)
  numbers.set(new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength))
  place.writeUInt32LE(crc32(numbers), numbers.length)
}

function writeWhole(file: number, bytes: Buffer, position: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(file, bytes, done, bytes.length - done, position + done)
  }
}
