import type { CodeRowsView } from '../../../kernels/code-rows.ts'
import type { Transform } from './transform.ts'

/**
 * The codes of a collection as any thread sees them. A row whose bit is set has valid codes at every
 * level in use; a row whose bit is not is searched as float32.
 */
export interface CodedRows {
  readonly transform: Transform
  /** Null when the prefix level is not in use. */
  readonly prefix: CodeRowsView | null
  readonly full: CodeRowsView
  /** No row from this one on has codes, whatever its bit says: it may have got them since. */
  readonly end: number
  /** A Uint32Array, one bit a row; read and written atomically. */
  readonly coded: SharedArrayBuffer
}

/** Where codes are written to; null for a level that is left as it is. */
export interface CodeTarget {
  readonly transform: Transform
  readonly prefix: CodeRowsView | null
  readonly full: CodeRowsView | null
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
