import { blockAddress } from '../../kernels/block-memory.ts'
import type { CodeRowsView } from '../../kernels/code-rows.ts'
import type { CodedRows } from '../scan/cascade/coded-rows.ts'
import type { Code, QueryCodes } from '../scan/cascade/coder.ts'
import type { ScanSegment } from '../scan/scan-segment.ts'

/**
 * Gives the codes of a coded row, of prefix and whole vector, as those of a query. Its error is larger than that of the codes
 * a query would get, so that the bounds are a little looser; but nothing is computed.
 */
export function codesOfRow(
  segments: readonly ScanSegment[],
  { prefix, full }: CodedRows,
  row: number,
): QueryCodes {
  return { prefix: codeAt(segments, prefix!, row), full: codeAt(segments, full, row) }
}

function codeAt(
  segments: readonly ScanSegment[],
  { layout: { bytes, facts, capacity }, blocks }: CodeRowsView,
  row: number,
): Code {
  const number = row % capacity
  const block = new Int32Array(blocks)[Math.floor(row / capacity)]!
  const { segment, byteOffset } = blockAddress(block)
  const { buffer } = segments[segment]!.kernels.memory
  const at = byteOffset + bytes * capacity
  const all = new Float32Array(buffer, at, facts * capacity)
  return {
    codes: Int16Array.from(new Int8Array(buffer, byteOffset + number * bytes, bytes)),
    scale: all[number]!,
    norm: all[capacity + number]!,
    error: all[2 * capacity + number]!,
    outside: facts > 3 ? all[3 * capacity + number]! : 0,
  }
}
