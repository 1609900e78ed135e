/**
 * Q T Q^T of a symmetric matrix: T has `diagonal`, and `beside` it the numbers that row i shares
 * with row i + 1; Q is the product of the reflections I - u u^T / h, the last one first.
 */
export interface TridiagonalForm {
  readonly diagonal: Float64Array
  /** As many as `diagonal`; the last is 0. */
  readonly beside: Float64Array
  /** In row i the u of the reflection i, of i numbers. */
  readonly reflections: Float64Array
  /** The h of each; 0 for none. */
  readonly heights: Float64Array
}

/**
 * Householder's reduction (tred2 of EISPACK; Martin, Reinsch and Wilkinson, Numerische Mathematik
 * 11, 1968), without making Q: 4 / 3 size^3 operations.
 *
 * @param matrix `size * size` numbers, symmetric; they are overwritten.
 */
export function tridiagonalForm(matrix: Float64Array, size: number): TridiagonalForm {
  const [v, n] = [matrix, size]
  const d = new Float64Array(n)
  const e = new Float64Array(n)
  for (let j = 0; j < n; j++) d[j] = v[j * n + n - 1]!
  for (let i = n - 1; i > 0; i--) {
    let scale = 0
    for (let k = 0; k < i; k++) scale += Math.abs(d[k]!)
    let h = 0
    if (scale === 0) {
      e[i] = d[i - 1]!
      for (let j = 0; j < i; j++) {
        d[j] = v[j * n + i - 1]!
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
  d[0] = 0
  e.copyWithin(0, 1)
  e[n - 1] = 0
  const diagonal = Float64Array.from({ length: n }, (_, i) => v[i * n + i]!)
  return { diagonal, beside: e, reflections: v, heights: d }
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
  // Two rows share the reading of d and e.
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
  }
}

const LANES = 4

/** Q times each row of `vectors`, in place. Four rows at a time stay in the nearest cache through all reflections. */
export function turnBack(form: TridiagonalForm, vectors: Float64Array): void {
  const { reflections, heights } = form
  const n = heights.length
  const count = vectors.length / n
  const lanes = new Float64Array(LANES * n)
  for (let first = 0; first < count; first += LANES) {
    const rows = Math.min(LANES, count - first)
    const group = rows === LANES ? vectors.subarray(first * n, (first + LANES) * n) : lanes
    if (group === lanes) lanes.fill(0).set(vectors.subarray(first * n))
    for (let i = 1; i < n; i++) {
      if (heights[i] !== 0) reflectFour(group, reflections, { from: i * n, count: i }, heights[i]!)
    }
    if (group === lanes) vectors.set(lanes.subarray(0, rows * n), first * n)
  }
}

function reflectFour(
  rows: Float64Array,
  reflections: Float64Array,
  { from, count }: { readonly from: number; readonly count: number },
  height: number,
): void {
  const n = rows.length / LANES
  const [second, third, fourth] = [n, 2 * n, 3 * n]
  let [g0, g1, g2, g3] = [0, 0, 0, 0]
  for (let k = 0; k < count; k++) {
    const x = reflections[from + k]!
    g0 += x * rows[k]!
    g1 += x * rows[second + k]!
    g2 += x * rows[third + k]!
    g3 += x * rows[fourth + k]!
  }
  g0 /= height
  g1 /= height
  g2 /= height
  g3 /= height
  for (let k = 0; k < count; k++) {
    const x = reflections[from + k]!
    rows[k]! -= g0 * x
    rows[second + k]! -= g1 * x
    rows[third + k]! -= g2 * x
    rows[fourth + k]! -= g3 * x
  }
}
