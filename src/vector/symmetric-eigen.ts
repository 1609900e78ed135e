import { largestComponent } from './largest-component.ts'
import { PlaneRotations } from './plane-rotations.ts'

/** Eigenvalues, largest first, and their unit eigenvectors, row after row. */
export interface SymmetricEigen {
  readonly values: Float64Array
  /** `size` rows of `size` numbers. The component of largest magnitude is positive. */
  readonly vectors: Float64Array
}

const MAX_ITERATIONS = 60

/**
 * All eigenvalues and eigenvectors of a symmetric matrix, in float64: Householder
 * tridiagonalisation and implicit QL (tred2 and tql2 of EISPACK; Bowdler, Martin, Reinsch and
 * Wilkinson, Numerische Mathematik 11, 1968). About 8 size^3 operations. Eigenvectors are kept as
 * rows, so that every inner loop runs along memory.
 *
 * @param matrix `size * size` finite numbers, symmetric; left as it is.
 */
export function symmetricEigen(matrix: Float64Array, size: number): SymmetricEigen {
  if (!Number.isInteger(size) || size < 1 || matrix.length !== size * size) {
    throw new RangeError(`expected ${size} x ${size} numbers, got ${matrix.length}`)
  }
  const scale = scaleOf(matrix)
  const vectors = matrix.map((element) => element * scale)
  const diagonal = new Float64Array(size)
  const beside = new Float64Array(size)
  tridiagonalise(vectors, diagonal, beside)
  diagonalise(vectors, diagonal, beside)
  for (let i = 0; i < size; i++) diagonal[i]! /= scale
  return sorted(vectors, diagonal)
}

/** A power of two, which rounds nothing, that keeps products of elements from under- or overflow. */
function scaleOf(matrix: Float64Array): number {
  let largest = 0
  for (const element of matrix) {
    if (!Number.isFinite(element)) throw new RangeError(`expected finite numbers, got ${element}`)
    largest = Math.max(largest, Math.abs(element))
  }
  const exponent = largest === 0 ? 0 : Math.floor(Math.log2(largest))
  return 2 ** -Math.max(-1000, Math.min(1000, exponent))
}

/** In the comments of EISPACK: `v` is z transposed, `d` the diagonal, `e` the subdiagonal. */
function tridiagonalise(v: Float64Array, d: Float64Array, e: Float64Array): void {
  const n = d.length
  for (let j = 0; j < n; j++) d[j] = v[j * n + n - 1]!
  for (let i = n - 1; i > 0; i--) {
    let scale = 0
    for (let k = 0; k < i; k++) scale += Math.abs(d[k]!)
    let h = 0
    if (scale === 0) {
      e[i] = d[i - 1]!
      for (let j = 0; j < i; j++) {
        d[j] = v[j * n + i - 1]!
        v[j * n + i] = 0
        v[i * n + j] = 0
      }
    } else {
      for (let k = 0; k < i; k++) {
        d[k]! /= scale
        h += d[k]! * d[k]!
      }
      const f = d[i - 1]!
      const g = f > 0 ? -Math.sqrt(h) : Math.sqrt(h)
      e[i] = scale * g
      h -= f * g
      d[i - 1] = f - g
      reflect(v, d, e, { i, h })
    }
    d[i] = h
  }
  accumulate(v, d)
  e[0] = 0
}

/** Applies the reflection to the leading i x i block, of which the lower triangle is held. */
function reflect(
  v: Float64Array,
  d: Float64Array,
  e: Float64Array,
  { i, h }: { readonly i: number; readonly h: number },
): void {
  const n = d.length
  e.fill(0, 0, i)
  let j = 0
  // Two rows share the reading of d and e; every sum keeps its order.
  for (; j + 1 < i; j += 2) {
    const f0 = d[j]!
    const f1 = d[j + 1]!
    v[i * n + j] = f0
    v[i * n + j + 1] = f1
    const [first, second] = [j * n, j * n + n]
    const beside = v[first + j + 1]!
    let g0 = e[j]! + v[first + j]! * f0 + beside * f1
    let g1 = e[j + 1]! + beside * f0 + v[second + j + 1]! * f1
    for (let k = j + 2; k < i; k++) {
      const x0 = v[first + k]!
      const x1 = v[second + k]!
      const dk = d[k]!
      g0 += x0 * dk
      g1 += x1 * dk
      e[k] = e[k]! + x0 * f0 + x1 * f1
    }
    e[j] = g0
    e[j + 1] = g1
  }
  if (j < i) {
    v[i * n + j] = d[j]!
    e[j]! += v[j * n + j]! * d[j]!
  }
  let f = 0
  for (j = 0; j < i; j++) {
    e[j]! /= h
    f += e[j]! * d[j]!
  }
  const half = f / (h + h)
  for (j = 0; j < i; j++) e[j]! -= half * d[j]!
  for (j = 0; j < i; j++) {
    const dj = d[j]!
    const ej = e[j]!
    for (let k = j; k < i; k++) v[j * n + k]! -= dj * e[k]! + ej * d[k]!
    d[j] = v[j * n + i - 1]!
    v[j * n + i] = 0
  }
}

/** Multiplies the reflections into the orthogonal matrix that they make. */
function accumulate(v: Float64Array, d: Float64Array): void {
  const n = d.length
  for (let i = 0; i < n - 1; i++) {
    v[i * n + n - 1] = v[i * n + i]!
    v[i * n + i] = 1
    const h = d[i + 1]!
    const next = (i + 1) * n
    if (h !== 0) {
      for (let k = 0; k <= i; k++) d[k] = v[next + k]! / h
      takeAway(v, d, { next, count: i + 1 })
    }
    v.fill(0, next, next + i + 1)
  }
  for (let j = 0; j < n; j++) {
    d[j] = v[j * n + n - 1]!
    v[j * n + n - 1] = 0
  }
  v[n * n - 1] = 1
}

/** From the leading part of each row its share of the reflection: four rows at a time. */
function takeAway(
  v: Float64Array,
  d: Float64Array,
  { next, count }: { readonly next: number; readonly count: number },
): void {
  const n = d.length
  let row = 0
  for (; row + 3 < count; row += 4) {
    const [r0, r1, r2, r3] = [row * n, (row + 1) * n, (row + 2) * n, (row + 3) * n]
    let [g0, g1, g2, g3] = [0, 0, 0, 0]
    for (let k = 0; k < count; k++) {
      const x = v[next + k]!
      g0 += x * v[r0 + k]!
      g1 += x * v[r1 + k]!
      g2 += x * v[r2 + k]!
      g3 += x * v[r3 + k]!
    }
    for (let k = 0; k < count; k++) {
      const x = d[k]!
      v[r0 + k]! -= g0 * x
      v[r1 + k]! -= g1 * x
      v[r2 + k]! -= g2 * x
      v[r3 + k]! -= g3 * x
    }
  }
  for (; row < count; row++) {
    const from = row * n
    let g = 0
    for (let k = 0; k < count; k++) g += v[next + k]! * v[from + k]!
    for (let k = 0; k < count; k++) v[from + k]! -= g * d[k]!
  }
}

function diagonalise(v: Float64Array, d: Float64Array, e: Float64Array): void {
  const n = d.length
  const rotations = new PlaneRotations(v, n)
  e.copyWithin(0, 1)
  e[n - 1] = 0
  let shift = 0
  let largest = 0
  for (let l = 0; l < n; l++) {
    largest = Math.max(largest, Math.abs(d[l]!) + Math.abs(e[l]!))
    const negligible = Number.EPSILON * largest
    let m = l
    while (Math.abs(e[m]!) > negligible) m++
    for (let iteration = 0; m > l; iteration++) {
      if (iteration === MAX_ITERATIONS) {
        throw new RangeError(
          `expected finite numbers, got a matrix whose QL iteration stands still`,
        )
      }
      shift += moveOrigin(d, e, l)
      rotate(rotations, d, e, { l, m })
      if (!(Math.abs(e[l]!) > negligible)) break
    }
    d[l]! += shift
    e[l] = 0
  }
  rotations.apply()
}

/** Takes the shift that the leading 2 x 2 block suggests off the diagonal; returns it. */
function moveOrigin(d: Float64Array, e: Float64Array, l: number): number {
  const g = d[l]!
  const p = (d[l + 1]! - g) / (2 * e[l]!)
  const r = p < 0 ? -Math.hypot(p, 1) : Math.hypot(p, 1)
  d[l] = e[l]! / (p + r)
  d[l + 1] = e[l]! * (p + r)
  const h = g - d[l]!
  for (let i = l + 2; i < d.length; i++) d[i]! -= h
  return h
}

/** One implicit QL sweep over the unreduced block from l to m. */
function rotate(
  rotations: PlaneRotations,
  d: Float64Array,
  e: Float64Array,
  { l, m }: { readonly l: number; readonly m: number },
): void {
  const besideNext = e[l + 1]!
  const next = d[l + 1]!
  let p = d[m]!
  let [c, c2, c3, s, s2] = [1, 1, 1, 0, 0]
  rotations.startSweep(m, m - l)
  for (let i = m - 1; i >= l; i--) {
    c3 = c2
    c2 = c
    s2 = s
    const g = c * e[i]!
    const h = c * p
    const r = Math.hypot(p, e[i]!)
    e[i + 1] = s * r
    s = e[i]! / r
    c = p / r
    p = c * d[i]! - s * g
    d[i + 1] = h + s * (c * g + s * d[i]!)
    rotations.add(c, s)
  }
  p = (-s * s2 * c3 * besideNext * e[l]!) / next
  e[l] = s * p
  d[l] = c * p
}

function sorted(v: Float64Array, d: Float64Array): SymmetricEigen {
  const n = d.length
  const order = Array.from(d.keys()).sort((a, b) => d[b]! - d[a]!)
  const vectors = new Float64Array(n * n)
  for (const [to, from] of order.entries()) {
    const row = v.subarray(from * n, (from + 1) * n)
    const largest = largestComponent(row)
    for (let k = 0; k < n; k++) vectors[to * n + k] = largest < 0 ? -row[k]! : row[k]!
  }
  return { values: Float64Array.from(order, (from) => d[from]!), vectors }
}
