import { writeSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { isInMemory, type RowSource } from '../../../index/scan/row-source.ts'
import type { RowsView } from '../../../kernels/vector-rows.ts'
import { rowBytes } from './row-format.ts'

/** At least a row, and a few of most. */
const BUFFER_BYTES = 256 * 1024

/** Writes those of the rows listed, in ascending order, that are still in memory; neighbours together. */
type WriteRows = (rows: RowsView, wanted: Uint32Array) => void

/** For one thread. */
export function rowWriter(source: RowSource): WriteRows {
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
        fill(
          buffer.subarray(count * bytes, (count + 1) * bytes),
          source.vector(rows, list[start + count]!),
        )
        count++
      } while (count < most && list[start + count] === list[start]! + count)
      writeWhole(stored.file, buffer.subarray(0, count * bytes), list[start]! * bytes)
      start += count
    }
  }
}

function fill(place: Buffer, vector: Float32Array): void {
  const numbers = place.subarray(0, -4)
  numbers.set(new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength))
  place.writeUInt32LE(crc32(numbers), numbers.length)
}

function writeWhole(file: number, bytes: Buffer, position: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(file, bytes, done, bytes.length - done, position + done)
  }
}
