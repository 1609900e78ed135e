import { writeSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { isInMemory, type RowSource } from '../../index/row-source.ts'
import type { RowsView } from '../../kernels/vector-rows.ts'
import { rowBytes } from './row-format.ts'

/** Writes those of the rows listed, in ascending order, that are still in memory; neighbours together. */
export function writeRows(source: RowSource, rows: RowsView, wanted: Uint32Array): void {
  if (rows.stored === null) return
  const bytes = rowBytes(rows.layout.dimensions)
  const list = wanted.filter((row) => isInMemory(rows, row))
  const buffer = Buffer.alloc(bytes * list.length)
  list.forEach((row, i) => {
    const vector = source.vector(rows, row)
    const numbers = buffer.subarray(i * bytes, (i + 1) * bytes - 4)
    numbers.set(new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength))
    buffer.writeUInt32LE(crc32(numbers), (i + 1) * bytes - 4)
  })
  for (let start = 0; start < list.length; ) {
    let end = start + 1
    while (end < list.length && list[end]! === list[end - 1]! + 1) end++
    const part = buffer.subarray(start * bytes, end * bytes)
    writeWhole(rows.stored.file, part, list[start]! * bytes)
    start = end
  }
}

function writeWhole(file: number, bytes: Buffer, position: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(file, bytes, done, bytes.length - done, position + done)
  }
}
