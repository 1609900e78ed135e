import type { Projector } from '../../../kernels/projector.ts'
import { PREFIX_RANK, type Transform, transformViews } from './transform.ts'

/** Codes of one vector at one level, and what a bound needs to know of them. */
export interface Code {
  /** Integers in [-limit, limit]; the decoded vector is `scale` times these. */
  readonly codes: Int16Array
  /** A float32. */
  scale: number
  /** Squared norm of the decoded vector. */
  norm: number
  /** The distance from the decoded vector to the coded one, up to the rounding that the kernels allow for. */
  error: number
}

export interface PrefixCode extends Code {
  /** Norm of what lies outside the prefix subspace. */
  outside: number
}

/** The code of a whole vector. */
export interface FullCode extends Code {
  /** Squared norm of the coded vector itself. */
  size: number
}

/** The codes of one vector at both levels; those of the prefix are zeros where that level is not in use. */
export interface QueryCodes {
  readonly prefix: PrefixCode
  readonly full: FullCode
}

// docs/exactness.md, section 3, derives all of these. Beyond these squared norms the float32 arithmetic of the
// kernels could overflow or lose all its digits.
const SMALLEST_NORM = 1e-16
const LARGEST_NORM = 1e24
/** The product of two scales, and the square of one, are then normal float32 numbers. */
const SMALLEST_SCALE = 2 ** -62
/** The float64 rounding of the centring and of the projection, as a share of the norm, twice. */
const PROJECTION = 2 ** -35
const LARGEST_ROW_CODE = 127
/** The int16 whose products with int8 stay below 2^31 when 2064 of them are added; it shrinks for longer vectors. */
const LARGEST_QUERY_CODE = 8191

/** Share of the squared norm outside the subspace above which its root is precise enough. */
const MUCH_OUTSIDE = 1 / 64

/** Makes the codes of vectors: their coordinates in the prefix subspace, and the vectors in full. */
export class Coder {
  readonly prefix: PrefixCode
  readonly full: FullCode
  readonly transform: Transform
  readonly #projector: Projector
  readonly #mean: Float64Array
  readonly #basis: Float64Array
  readonly #prefixLimit: number
  readonly #fullLimit: number

  /** @param coded rows have codes of 8 bits; queries of up to 14, so that their own error hardly counts. */
  constructor(transform: Transform, projector: Projector, coded: 'rows' | 'queries') {
    const { mean, basis } = transformViews(transform)
    const length = Math.ceil(transform.dimensions / 16) * 16
    this.transform = transform
    this.#mean = mean
    this.#basis = basis
    this.#projector = projector
    this.#prefixLimit = coded === 'rows' ? LARGEST_ROW_CODE : LARGEST_QUERY_CODE
    const overflow = Math.floor((2 ** 31 - 1) / (LARGEST_ROW_CODE * length))
    this.#fullLimit = Math.min(this.#prefixLimit, overflow)
    this.prefix = { ...emptyCode(PREFIX_RANK), outside: 0 }
    this.full = { ...emptyCode(length), size: 0 }
  }

  /** Codes a vector into `prefix` and `full`; returns false when its size is beyond the kernels. */
  code(vector: Float32Array): boolean {
    const centred = this.#projector.vector(this.#basis, this.#mean.length)
    let norm = 0
    for (let i = 0; i < centred.length; i++) {
      const value = vector[i]! - this.#mean[i]!
      centred[i] = value
      norm += value * value
    }
    if (norm !== 0 && !(norm > SMALLEST_NORM && norm < LARGEST_NORM)) return false
    const rounding = PROJECTION * Math.sqrt(norm)
    quantise(centred, this.#fullLimit, rounding, this.full)
    this.full.size = norm
    if (this.transform.usePrefix) {
      const coordinates = this.#projector.project()
      quantise(coordinates, this.#prefixLimit, rounding, this.prefix)
      this.prefix.outside = this.#outsideNorm(norm, coordinates)
    }
    return true
  }

  /** Returns codes that the next vector leaves as they are; null when the size of this one is beyond the kernels. */
  codesOf(vector: Float32Array): QueryCodes | null {
    if (!this.code(vector)) return null
    const { prefix, full } = this
    return {
      prefix: { ...prefix, codes: prefix.codes.slice() },
      full: { ...full, codes: full.codes.slice() },
    }
  }

  #outsideNorm(norm: number, coordinates: Float64Array): number {
    // By Pythagoras where little cancels, which halves the cost of a code.
    let left = norm
    for (let k = 0; k < PREFIX_RANK; k++) left -= coordinates[k]! ** 2
    return left > MUCH_OUTSIDE * norm ? Math.sqrt(left) : this.#projector.outsideNorm()
  }
}

/** The fact of a code that lies behind those of all codes. */
export function lastFact(code: PrefixCode | FullCode): number {
  return 'outside' in code ? code.outside : code.size
}

function emptyCode(length: number): Code {
  return { codes: new Int16Array(length), scale: 0, norm: 0, error: 0 }
}

/** @param rounding how far `values` may be from the numbers that they stand for. */
function quantise(values: Float64Array, limit: number, rounding: number, out: Code): void {
  let largest = 0
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]!))
  // The scale is a float32 that is not too small, so that no code passes the limit.
  const wanted = (largest / limit) * (1 + 2 ** -23)
  const scale = wanted < SMALLEST_SCALE ? 0 : Math.fround(wanted)
  const inverse = scale > 0 ? 1 / scale : 0
  let integers = 0
  let error = 0
  for (let i = 0; i < values.length; i++) {
    const code = Math.round(values[i]! * inverse)
    out.codes[i] = code
    integers += code * code
    const difference = values[i]! - code * scale
    error += difference * difference
  }
  out.scale = scale
  out.norm = scale * scale * integers
  out.error = Math.sqrt(error) + rounding
}
