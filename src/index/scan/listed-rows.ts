import { blockAddress } from '../../kernels/block-memory.ts'
import { kernelBound, kernelWithin } from '../../kernels/kernels.ts'
import type { RowsView } from '../../kernels/vector-rows.ts'
import type { RowDecider } from './row-decider.ts'
import type { ScanSegment } from './scan-segment.ts'

/** Rows that are looked at in one call of a kernel: then the bound is looked up again. */
const ROWS_A_CALL = 256
/** Rows, padded to whole vectors of four floats, begin at multiples of 16 bytes. */
const STEP_BYTES = 16
const STEP_FLOATS = STEP_BYTES / 4

/** Rows of an ascending list as the float32 kernels look at them, wherever their blocks lie. */
export class ListedRows {
  readonly #segments: readonly ScanSegment[]
  readonly #rows: RowsView
  readonly #blocks: Int32Array
  readonly #nearest: RowDecider
  readonly #list: ArrayLike<number>
  readonly #length: number
  /** The segments that hold the query. */
  readonly #loaded = new Set<ScanSegment>()

  constructor(
    segments: readonly ScanSegment[],
    rows: RowsView,
    nearest: RowDecider,
    list: ArrayLike<number>,
    length: number,
  ) {
    this.#segments = segments
    this.#rows = rows
    this.#blocks = new Int32Array(rows.blocks)
    this.#nearest = nearest
    this.#list = list
    this.#length = length
  }

  /** Decides the rows that are not too far, until it is stopped. */
  scan(): void {
    const { floats, dimensions } = this.#rows.layout
    const nearest = this.#nearest
    const inner =
      nearest.takeWithin === undefined ? -1 : kernelWithin(nearest.certain.inner, dimensions)
    this.#inTurns((segment, start, count) => {
      const { kernels, at, found, listed } = segment
      const bound = kernelBound(nearest.squaredBound, dimensions)
      const hits = kernels.scanListed(
        at.query,
        0,
        at.listed,
        count,
        STEP_FLOATS,
        floats,
        bound,
        inner,
        at.found,
      )
      const rows: number[] = []
      for (let i = 0, place = start; i < hits; i++) {
        const step = found[i]! & 0x7fffffff
        while (listed[place - start] !== step) place++
        if (found[i]! >>> 31 === 1) nearest.takeWithin!(this.#list[place]!)
        else {
          found[rows.length] = step
          rows.push(this.#list[place]!)
        }
      }
      this.#decide(segment, rows, 0)
    })
  }

  /** Decides every row, until it is stopped. */
  decide(): void {
    this.#inTurns((segment, start, count) => {
      const { found, listed } = segment
      for (let i = 0; i < count; i++) found[i] = listed[i]!
      this.#decide(segment, this.#list, start, count)
    })
  }

  /** Lists rows of one segment at a time for the kernels, as steps from its beginning. */
  #inTurns(look: (segment: ScanSegment, start: number, count: number) => void): void {
    const { floats, rowsPerBlock } = this.#rows.layout
    const steps = floats / STEP_FLOATS
    const list = this.#list
    for (let start = 0; start < this.#length && !this.#nearest.isStopped; ) {
      const length = Math.min(this.#length, start + ROWS_A_CALL)
      let number = -1
      let end = start
      while (end < length) {
        const block = Math.floor(list[end]! / rowsPerBlock)
        const address = blockAddress(this.#blocks[block]!)
        if (number === -1) number = address.segment
        else if (address.segment !== number) break
        const { listed } = this.#segments[number]!
        const endRow = (block + 1) * rowsPerBlock
        const from = address.byteOffset / STEP_BYTES - block * rowsPerBlock * steps
        for (; end < length && list[end]! < endRow; end++) {
          listed[end - start] = from + list[end]! * steps
        }
      }
      const segment = this.#segments[number]!
      if (!this.#loaded.has(segment)) {
        this.#loaded.add(segment)
        segment.loadQuery(this.#nearest.query.vector, floats)
      }
      look(segment, start, end - start)
      start = end
    }
  }

  /** Decides `count` rows of a list, from `start`, whose steps are the finds. */
  #decide(
    { kernels, at, squares }: ScanSegment,
    rows: ArrayLike<number>,
    start: number,
    count = rows.length,
  ): void {
    const { dimensions } = this.#rows.layout
    kernels.canonical(at.query, 0, at.found, count, STEP_FLOATS, dimensions, at.listed)
    for (let i = 0; i < count; i++) this.#nearest.decideBySquared(rows[start + i]!, squares[i]!)
  }
}
