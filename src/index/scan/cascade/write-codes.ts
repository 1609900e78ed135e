import { blockAddress } from '../../../kernels/block-memory.ts'
import type { CodeRowsView } from '../../../kernels/code-rows.ts'
import { roundedUp } from '../../../kernels/kernels.ts'
import type { Projector } from '../../../kernels/projector.ts'
import type { RowsView } from '../../../kernels/vector-rows.ts'
import type { RowSource } from '../row-source.ts'
import type { CodeTarget } from './coded-rows.ts'
import { type Code, Coder } from './coder.ts'

/** Writes the codes of the rows listed; returns those that could be coded. Marks none. */
export function writeCodes(
  segments: readonly WebAssembly.Memory[],
  projector: Projector,
  source: RowSource,
  rows: RowsView,
  target: CodeTarget,
  wanted: Uint32Array,
): Uint32Array {
  const coder = Coder.ofRows(target.transform, projector)
  return wanted.filter((row) => {
    if (!coder.code(source.vector(rows, row))) return false
    if (target.prefix !== null) write(segments, target.prefix, row, coder.prefix, coder.outside)
    if (target.full !== null) write(segments, target.full, row, coder.full, null)
    return true
  })
}

function write(
  segments: readonly WebAssembly.Memory[],
  { layout, blocks }: CodeRowsView,
  row: number,
  code: Code,
  outside: number | null,
): void {
  const { bytes, capacity } = layout
  const number = row % capacity
  const block = new Int32Array(blocks)[Math.floor(row / capacity)]!
  const { segment, byteOffset } = blockAddress(block)
  const { buffer } = segments[segment]!
  const codes = new Int8Array(buffer, byteOffset + number * bytes, bytes)
  codes.fill(0)
  for (let i = 0; i < code.codes.length; i++) codes[i] = code.codes[i]!
  const facts = new Float32Array(buffer, byteOffset + bytes * capacity, layout.facts * capacity)
  facts[number] = code.scale
  facts[capacity + number] = code.norm
  facts[2 * capacity + number] = roundedUp(code.error)
  if (outside !== null) facts[3 * capacity + number] = outside
}
