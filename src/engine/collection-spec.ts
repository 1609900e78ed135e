import { AppError, shown } from '../errors.ts'
import type { SpaceKind } from '../vector/space.ts'

/** What is kept of an uploaded image beside its vector. */
export type Keep = 'none' | 'thumbnail' | 'original'

/** What is in memory of each vector: all of it, or 8-bit codes, and the float32 numbers in a file. */
export const VECTOR_MEMORIES = ['float32', 'codes'] as const
export type VectorMemory = (typeof VECTOR_MEMORIES)[number]

/** A collection as it was created. Two creations are the same when every member is equal. */
export interface CollectionSpec {
  readonly name: string
  /** The embedding model, or null for a collection of vectors only. */
  readonly model: string | null
  readonly metric: SpaceKind
  readonly dimensions: number
  /** Metadata fields the owner means to filter by. */
  readonly fields: readonly string[]
  readonly identityField: string | null
  readonly cameraField: string | null
  readonly keep: Keep
  /** What a search may take to be exact when its accuracy is left to the service. */
  readonly latencyBudgetMs: number
  /** Share of the k nearest that approximate answers are to find, on average. */
  readonly recallTarget: number
  readonly memory: VectorMemory
}

export const DEFAULT_LATENCY_BUDGET_MS = 5
export const MAX_LATENCY_BUDGET_MS = 60_000
export const DEFAULT_RECALL_TARGET = 0.95
export const LEAST_RECALL_TARGET = 0.5
export const LARGEST_RECALL_TARGET = 0.999

export const MAX_DIMENSIONS = 16_384
export const MAX_ID_BYTES = 512
const NAME = /^[a-z0-9][a-z0-9._-]{0,127}$/i

/** @throws INVALID_NAME for anything but 1 to 128 letters, digits, `.`, `_` and `-`. */
export function checkCollectionName(name: string): string {
  if (!NAME.test(name)) {
    throw new AppError(
      'INVALID_NAME',
      `expected a collection name of 1 to 128 letters, digits, ".", "_" and "-" that starts with a letter or digit, got ${shown(name)}`,
    )
  }
  return name
}

/** @throws INVALID_ID for an id that is empty, over 512 bytes of UTF-8, or not well-formed Unicode. */
export function checkId(id: string): string {
  const bytes = Buffer.byteLength(id)
  if (bytes < 1 || bytes > MAX_ID_BYTES) {
    throw new AppError(
      'INVALID_ID',
      `expected an id of 1 to ${MAX_ID_BYTES} bytes, got ${bytes} bytes: ${shown(id)}`,
    )
  }
  if (!id.isWellFormed() || id.includes('\0')) {
    throw new AppError('INVALID_ID', `expected well-formed Unicode without NUL, got ${shown(id)}`)
  }
  return id
}

/** @throws DUPLICATE_ID when an id comes twice. */
export function checkDistinct(inputs: readonly { readonly id: string }[]): void {
  const seen = new Set<string>()
  for (const { id } of inputs) {
    if (seen.has(id)) {
      throw new AppError(
        'DUPLICATE_ID',
        `expected each id once in a request, got ${shown(id)} twice`,
      )
    }
    seen.add(id)
  }
}

/** Order of ids everywhere: by code point, which is the byte order of their UTF-8. */
export function compareIds(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return codePointRank(x) - codePointRank(y)
  }
  return a.length - b.length
}

/** Surrogates stand for code points above the rest of UTF-16's range, but sort below E000..FFFF. */
function codePointRank(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}
