const MAX_ITERATIONS = 60

/**
 * All eigenvalues of a symmetric tridiagonal matrix, in no order, by implicit QL without vectors
 * (tql2 of EISPACK; Bowdler, Martin, Reinsch and Wilkinson, Numerische Mathematik 11, 1968). Off by
 * some multiples of the unit roundoff times the norm.
 *
 * @param beside what row i shares with row i + 1; the last is 0.
 */
export function tridiagonalValues(diagonal: Float64Array, beside: Float64Array): Float64Array {
  const [d, e] = [diagonal.slice(), beside.slice()]
  const n = d.length
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
          'expected finite numbers, got a matrix whose QL iteration stands still',
        )
      }
      shift += moveOrigin(d, e, l)
      sweep(d, e, { l, m })
      if (!(Math.abs(e[l]!) > negligible)) break
    }
    d[l]! += shift
    e[l] = 0
  }
  return d
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
function sweep(
  d: Float64Array,
  e: Float64Array,
  { l, m }: { readonly l: number; readonly m: number },
): void {
  const besideNext = e[l + 1]!
  const next = d[l + 1]!
  let p = d[m]!
  let [c, c2, c3, s, s2] = [1, 1, 1, 0, 0]
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
  }
  p = (-s * s2 * c3 * besideNext * e[l]!) / next
  e[l] = s * p
  d[l] = c * p
}
