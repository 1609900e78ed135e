import { blockAddress } from '../../kernels/block-memory.ts'
import type { CodeRowsView } from '../../kernels/code-rows.ts'
import { type RowsView, rowSlot } from '../../kernels/vector-rows.ts'
import { type CodedRows, markCoded } from './coded-rows.ts'
import { type Code, Coder } from './coder.ts'

/** Codes the rows from `first` up to `end` that are not coded yet. Others may search meanwhile. */
export function writeCodes(
  segments: readonly WebAssembly.Memory[],
  rows: RowsView,
  target: CodedRows,
  first: number,
  end: number,
): void {
  const coder = Coder.ofRows(target.transform)
  const done = new Uint32Array(target.coded)
  for (let row = first; row < end; row++) {
    if ((Atomics.load(done, row >>> 5) >>> (row & 31)) & 1) continue
    if (!coder.code(rowSlot(segments, rows, row))) continue
    if (target.prefix !== null) write(segments, target.prefix, row, coder.prefix, coder.outside)
    write(segments, target.full, row, coder.full, null)
    markCoded(target.coded, row)
  }
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

/** The smallest float32 not below a number that is not negative. */
export function roundedUp(value: number): number {
  const rounded = Math.fround(value)
  return rounded >= value ? rounded : Math.fround(value * (1 + 2 ** -23) + 2 ** -149)
}
