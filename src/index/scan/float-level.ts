import { blockAddress } from '../../kernels/block-memory.ts'
import { type Kernels, kernelBound } from '../../kernels/kernels.ts'
import type { RowsView } from '../../kernels/vector-rows.ts'
import { hasBit } from '../../vector/bitset.ts'
import type { Decision } from './decision.ts'
import type { RowLevel } from './row-level.ts'
import { type BlockPart, blockParts, type RowsRange } from './rows-range.ts'
import { MAX_SQUARES, type ScanScratch } from './scan-scratch.ts'

/** Above this share of rows to look at, a run of rows is scanned whole. */
const SCAN_ABOVE = 0.7

/** The level of float32 rows: a kernel drops what is provably too far, the rest is decided. */
export class FloatLevel implements RowLevel {
  readonly #scratch: ScanScratch
  readonly #kernels: readonly Kernels[]
  scanned = 0

  constructor(scratch: ScanScratch, kernels: readonly Kernels[]) {
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
    this.scanned += length
    this.#byBlock(rows, list, length, (part, listed) => {
      this.#scanListed(rows, decision, part, listed)
    })
  }

  decideRows(rows: RowsView, decision: Decision, list: ArrayLike<number>, length: number): void {
    this.#byBlock(rows, list, length, (part, listed) => {
      const { kernel } = this.#kernelOf(rows, part.block)
      this.#loadQuery(kernel, decision, rows.layout.floats)
      const numbers = this.#scratch.listedWords(kernel.memory).subarray(0, listed)
      this.#scratch.foundWords(kernel.memory).set(numbers)
      this.#decide(rows, decision, part, listed)
    })
  }

  /** Writes the rows of a list to where the kernels look for them, a block at a time. */
  #byBlock(
    rows: RowsView,
    list: ArrayLike<number>,
    length: number,
    onBlock: (part: BlockPart, listed: number) => void,
  ): void {
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
      onBlock({ block, firstRow, from: 0, count: rowsPerBlock }, listed)
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
    this.#decideFound(rows, decision, part, hits)
  }

  #scanListed(rows: RowsView, decision: Decision, part: BlockPart, listed: number): void {
    const { kernel, byteOffset } = this.#kernelOf(rows, part.block)
    const { floats, dimensions } = rows.layout
    this.#loadQuery(kernel, decision, floats)
    const bound = kernelBound(decision.squaredBound, dimensions)
    const { query, listed: list, found } = this.#scratch
    const hits = kernel.scanListed(query, byteOffset, list, listed, floats, bound, found)
    this.#decide(rows, decision, part, hits)
  }

  /** Of the rows that a kernel found, counted from the part's first, those that the query allows. */
  #decideFound(rows: RowsView, decision: Decision, part: BlockPart, hits: number): void {
    const numbers = this.#scratch.foundWords(this.#kernelOf(rows, part.block).kernel.memory)
    const { allowed } = decision.query
    let kept = 0
    for (let i = 0; i < hits; i++) {
      const number = numbers[i]! + part.from
      if (allowed === null || hasBit(allowed, part.firstRow + number)) numbers[kept++] = number
    }
    this.#decide(rows, decision, part, kept)
  }

  /** Decides the rows found, whose numbers are those in the block. */
  #decide(rows: RowsView, decision: Decision, { block, firstRow }: BlockPart, found: number): void {
    const { kernel, byteOffset } = this.#kernelOf(rows, block)
    const { floats, dimensions } = rows.layout
    const numbers = this.#scratch.foundWords(kernel.memory)
    const { query, listed: out, found: list } = this.#scratch
    const squares = this.#scratch.squares(kernel.memory)
    for (let start = 0; start < found; start += MAX_SQUARES) {
      const count = Math.min(MAX_SQUARES, found - start)
      const some = [list + start * 4, count] as const
      kernel.canonical(query, byteOffset, ...some, floats, dimensions, out)
      for (let i = 0; i < count; i++) {
        decision.decideBySquared(firstRow + numbers[start + i]!, squares[i]!)
      }
    }
  }

  #kernelOf(rows: RowsView, block: number): { kernel: Kernels; byteOffset: number } {
    const { segment, byteOffset } = blockAddress(new Int32Array(rows.blocks)[block]!)
    return { kernel: this.#kernels[segment]!, byteOffset }
  }

  #loadQuery(kernel: Kernels, decision: Decision, floats: number): void {
    const target = this.#scratch.queryFloats(kernel.memory)
    target.set(decision.query.vector)
    target.fill(0, decision.query.vector.length, floats)
  }
}
