import { AppError, shown } from '../errors.ts'
import type { SpaceKind } from '../vector/space.ts'

/** The part of an uploaded image that is kept beside its vector. */
export type Keep = 'none' | 'thumbnail' | 'original'

/** The part of each vector that is in memory: all of it, or 8-bit codes, with the float32 numbers in a file. */
export const VECTOR_MEMORIES = ['float32', 'codes'] as const
export type VectorMemory = (typeof VECTOR_MEMORIES)[number]

/** What a record must be to be enrolled under an identity; what is left out is not looked at. */
export interface EnrolmentQuality {
  /** Pixels of the shorter side, at least. */
  readonly minSide?: number
  /** Of the picture as the model sees it (see `pictureQuality`), at least. */
  readonly sharpness?: number
  readonly brightness?: number
  /** The distance from the nearest other record of its identity, at most; the first of an identity has none. */
  readonly ownDistance?: number
  /** The distance from the nearest record of another identity, at least. */
  readonly otherDistance?: number
  /** Whether what falls short is refused, or stored without its identity until somebody releases it. */
  readonly otherwise: 'refuse' | 'hold'
}

/** A collection as it is created. Two specs are the same when every member is equal. */
export interface CollectionSpec {
  readonly name: string
  /** The embedding model, or null for a collection of vectors only. */
  readonly model: string | null
  readonly metric: SpaceKind
  readonly dimensions: number
  /** The metadata fields that its owner means to filter by. */
  readonly fields: readonly string[]
  readonly identityField: string | null
  readonly cameraField: string | null
  readonly keep: Keep
  /** The milliseconds that a search may take to be exact when its accuracy is left to the service. */
  readonly latencyBudgetMs: number
  /** The share of the k nearest that approximate answers are to find, on average. */
  readonly recallTarget: number
  readonly memory: VectorMemory
  /** The seconds after its last write at which a record is deleted; null for never. */
  readonly retainFor: number | null
  /** What records with an identity must be; null: anything. */
  readonly quality: EnrolmentQuality | null
}

export const DEFAULT_LATENCY_BUDGET_MS = 5
export const MAX_LATENCY_BUDGET_MS = 60_000
export const DEFAULT_RECALL_TARGET = 0.95
export const LEAST_RECALL_TARGET = 0.5
export const LARGEST_RECALL_TARGET = 0.999

/** Three hundred years or so, in seconds. */
export const MAX_RETAIN_FOR = 10_000_000_000

export const MAX_DIMENSIONS = 16_384
export const MAX_ID_BYTES = 512
const NAME = /^[a-z0-9][a-z0-9._-]{0,127}$/i

/** @throws INVALID_NAME for anything but 1 to 128 letters, digits, `.`, `_` and `-`. */
export function checkCollectionName(name: string): string {
  if (NAME.test(name)) return name
  throw new AppError(
    'INVALID_NAME',
    `expected a collection name of 1 to 128 letters, digits, ".", "_" and "-" that starts with a letter or digit, got ${shown(name)}`,
  )
}

/** @throws INVALID_ID for an id that is empty, over 512 bytes of UTF-8, or not well-formed Unicode. */
export function checkId(id: string): string {
  const bytes = Buffer.byteLength(id)
  if (bytes < 1 || bytes > MAX_ID_BYTES) {
    const message = `expected an id of 1 to ${MAX_ID_BYTES} bytes, got ${bytes} bytes: ${shown(id)}`
    throw new AppError('INVALID_ID', message)
  }
  if (!id.isWellFormed() || id.includes('\0')) {
    throw new AppError('INVALID_ID', `expected well-formed Unicode without NUL, got ${shown(id)}`)
  }
  return id
}

/** Checks the id of a record that is to be written. @throws INVALID_ID as `checkId`, and for `.` and `..`. */
export function checkNewId(id: string): string {
  if (id === '.' || id === '..') {
    const reason = 'addresses drop it from their path'
    throw new AppError('INVALID_ID', `expected an id that is not ${shown(id)}: ${reason}`)
  }
  return checkId(id)
}

/** @throws DUPLICATE_ID when an id comes twice. */
export function checkDistinct(inputs: readonly { readonly id: string }[]): void {
  const seen = new Set<string>()
  for (const { id } of inputs) {
    if (seen.has(id)) {
      const message = `expected each id once in a request, got ${shown(id)} twice`
      throw new AppError('DUPLICATE_ID', message)
    }
    seen.add(id)
  }
}

/** Orders ids, everywhere: by code point, which is the byte order of their UTF-8. */
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
