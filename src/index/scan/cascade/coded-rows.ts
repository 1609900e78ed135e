import { type CodeRowsView, codePlace } from '../../../kernels/code-rows.ts'
import { roundedUp } from '../../../kernels/kernels.ts'
import type { Projector } from '../../../kernels/projector.ts'
import type { RowsView } from '../../../kernels/vector-rows.ts'
import type { RowSource } from '../row-source.ts'
import { Coder, type FullCode, lastFact, type PrefixCode } from './coder.ts'
import type { Learnt, Transform } from './transform.ts'

/**
 * The codes of a collection as any thread sees them. A row whose bit is set has valid codes at every
 * level in use; a row whose bit is not is searched as float32.
 */
export interface CodedRows {
  readonly transform: Transform
  /** Null when the prefix level is not in use. */
  readonly prefix: CodeRowsView | null
  readonly full: CodeRowsView
  /** No row from this one on has codes, whatever its bit: it may have got them since. */
  readonly end: number
  /** A Uint32Array, one bit a row; read and written atomically. */
  readonly coded: SharedArrayBuffer
}

/** Marks a row as coded, after its codes are written; by the thread that writes the rows. */
export function markCoded(coded: SharedArrayBuffer, row: number): void {
  Atomics.or(new Uint32Array(coded), row >>> 5, 1 << (row & 31))
}

/** Marks a row as not coded, before its vector changes. */
export function markUncoded(coded: SharedArrayBuffer, row: number): void {
  const words = new Uint32Array(coded)
  if (row >>> 5 < words.length) Atomics.and(words, row >>> 5, ~(1 << (row & 31)))
}

/** Copies the bits of the first `rows` rows that are coded, as they are now. */
export function codedBits({ coded, end }: CodedRows, rows: number): Uint32Array {
  const below = Math.min(end, rows)
  const bits = new Uint32Array(coded).slice(0, (below + 31) >>> 5)
  if (below % 32 > 0) bits[below >>> 5]! &= -1 >>> (32 - (below % 32))
  return bits
}

/** Where codes are written to; null for a level that is left as it is. */
export interface CodeTarget {
  readonly transform: Transform
  readonly prefix: CodeRowsView | null
  readonly full: CodeRowsView | null
}

/** A thread of its own that learns transforms and writes codes. */
export interface RowCoder {
  /** Learns from a sample of the rows listed, at least PREFIX_RANK of them; again where `now` is in use. */
  learn(rows: RowsView, sample: Uint32Array, now: Transform | null): Promise<Learnt>
  /**
   * Writes the codes of the rows listed, unless `target` is null; resolves to those that could be coded. Marks none.
   * Rows that belong in a file and are not there yet are written to it.
   */
  write(rows: RowsView, target: CodeTarget | null, wanted: Uint32Array): Promise<Uint32Array>
}

/** Writes the codes of the rows listed; returns those that could be coded. Marks none. */
export function writeCodes(
  segments: readonly WebAssembly.Memory[],
  projector: Projector,
  source: RowSource,
  rows: RowsView,
  target: CodeTarget,
  wanted: Uint32Array,
): Uint32Array {
  const coder = new Coder(target.transform, projector, 'rows')
  return wanted.filter((row) => {
    if (!coder.code(source.vector(rows, row))) return false
    if (target.prefix !== null) write(segments, target.prefix, row, coder.prefix)
    if (target.full !== null) write(segments, target.full, row, coder.full)
    return true
  })
}

function write(
  segments: readonly WebAssembly.Memory[],
  view: CodeRowsView,
  row: number,
  code: PrefixCode | FullCode,
): void {
  const { codes, scale, norm, error } = code
  const place = codePlace(view, row)
  const { buffer } = segments[place.segment]!
  const bytes = new Int8Array(buffer, place.codes, view.layout.bytes)
  bytes.fill(0)
  for (let i = 0; i < codes.length; i++) bytes[i] = codes[i]!
  const facts = new DataView(buffer, place.facts)
  const { step } = place
  facts.setFloat32(0, scale, true)
  facts.setFloat32(step, norm, true)
  facts.setFloat32(2 * step, roundedUp(error), true)
  facts.setFloat32(3 * step, lastFact(code), true)
}
