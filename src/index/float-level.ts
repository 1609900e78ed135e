import { blockAddress, currentBuffer } from '../kernels/block-memory.ts'
import { kernelBound, type ScanKernel } from '../kernels/scan-kernel.ts'
import type { RowsView } from '../kernels/vector-rows.ts'
import type { Decision } from './decision.ts'
import type { RowLevel } from './row-level.ts'
import { type BlockPart, blockParts, type RowsRange } from './rows-range.ts'
import { hasBit, type ScanScratch } from './scan-scratch.ts'

/** Above this share of rows to look at, a run of rows is scanned whole. */
const SCAN_ABOVE = 0.7

/** The level of float32 rows: a kernel drops what is provably too far, the rest is decided. */
export class FloatLevel implements RowLevel {
  readonly #scratch: ScanScratch
  readonly #kernels: readonly ScanKernel[]
  scanned = 0

  constructor(scratch: ScanScratch, kernels: readonly ScanKernel[]) {
    this.#scratch = scratch
    this.#kernels = kernels
  }

  scanRange(rows: RowsView, decision: Decision, range: RowsRange): void {
    const { allowed } = decision.query
    for (const part of blockParts(range, rows.layout.rowsPerBlock)) {
      const listed = allowed === null ? part.count : this.#list(rows, part, allowed)
      if (listed === 0) continue
      if (listed >= part.count * SCAN_ABOVE) this.#scanWhole(rows, decision, part)
      else this.#scanListed(rows, decision, part, listed)
      this.scanned += listed
    }
  }

  scanRows(rows: RowsView, decision: Decision, list: ArrayLike<number>, length: number): void {
    const { rowsPerBlock } = rows.layout
    for (let i = 0; i < length; ) {
      const block = Math.floor(list[i]! / rowsPerBlock)
      const firstRow = block * rowsPerBlock
      const { memory } = this.#kernelOf(rows, block).kernel
      const numbers = this.#scratch.listedWords(memory)
      let listed = 0
      while (i < length && list[i]! < firstRow + rowsPerBlock) {
        numbers[listed++] = list[i++]! - firstRow
      }
      this.#scanListed(rows, decision, { block, firstRow, from: 0, count: rowsPerBlock }, listed)
      this.scanned += listed
    }
  }

  /** Writes the rows of a part that are wanted, relative to its block; returns how many. */
  #list(rows: RowsView, part: BlockPart, allowed: Uint32Array): number {
    const { memory } = this.#kernelOf(rows, part.block).kernel
    const numbers = this.#scratch.listedWords(memory)
    let listed = 0
    const end = part.from + part.count
    for (let i = part.from; i < end; ) {
      const row = part.firstRow + i
      // Where few rows are allowed most words are empty.
      if ((row & 31) === 0 && allowed[row >>> 5] === 0) {
        i += 32
        continue
      }
      if (hasBit(allowed, row)) numbers[listed++] = i
      i++
    }
    return listed
  }

  #scanWhole(rows: RowsView, decision: Decision, part: BlockPart): void {
    const { kernel, byteOffset } = this.#kernelOf(rows, part.block)
    const { floats, dimensions } = rows.layout
    this.#loadQuery(kernel, decision, floats)
    const start = byteOffset + part.from * floats * 4
    const bound = kernelBound(decision.squaredBound, dimensions)
    const { query, found } = this.#scratch
    const hits = kernel.scan(query, start, part.count, floats, bound, found)
    this.#decide(rows, decision, part, hits, part.from)
  }

  #scanListed(rows: RowsView, decision: Decision, part: BlockPart, listed: number): void {
    const { kernel, byteOffset } = this.#kernelOf(rows, part.block)
    const { floats, dimensions } = rows.layout
    this.#loadQuery(kernel, decision, floats)
    const bound = kernelBound(decision.squaredBound, dimensions)
    const { query, listed: list, found } = this.#scratch
    const hits = kernel.scanListed(query, byteOffset, list, listed, floats, bound, found)
    this.#decide(rows, decision, part, hits, 0)
  }

  #decide(rows: RowsView, decision: Decision, part: BlockPart, hits: number, offset: number): void {
    const { kernel, byteOffset } = this.#kernelOf(rows, part.block)
    const { floats, dimensions } = rows.layout
    const numbers = this.#scratch.foundWords(kernel.memory)
    const { allowed } = decision.query
    for (let i = 0; i < hits; i++) {
      const number = numbers[i]! + offset
      const row = part.firstRow + number
      if (allowed !== null && !hasBit(allowed, row)) continue
      const start = byteOffset + number * floats * 4
      decision.decide(row, floatsAt(kernel.memory, start, dimensions))
    }
  }

  #kernelOf(rows: RowsView, block: number): { kernel: ScanKernel; byteOffset: number } {
    const { segment, byteOffset } = blockAddress(new Int32Array(rows.blocks)[block]!)
    return { kernel: this.#kernels[segment]!, byteOffset }
  }

  #loadQuery(kernel: ScanKernel, decision: Decision, floats: number): void {
    const target = this.#scratch.queryFloats(kernel.memory)
    target.set(decision.query.vector)
    target.fill(0, decision.query.vector.length, floats)
  }
}

function floatsAt(memory: WebAssembly.Memory, address: number, length: number): Float32Array {
  return new Float32Array(currentBuffer(memory, address + 4 * length), address, length)
}
