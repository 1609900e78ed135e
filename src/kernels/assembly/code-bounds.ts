// What the kernels of codes share: how a query lies in memory, the slacks of the bounds, and the bounds themselves
// (AssemblyScript, WASM SIMD). docs/exactness.md, section 3, derives every slack here.

export const PREFIX: usize = 64

// A query, as written by code-level.ts: codes (int16), then float32 twice its scale, its squared
// norm, its error, and its norm outside or, of a whole vector, its own squared norm, at these offsets past the codes.
export const TWICE_SCALE = 0
export const NORM = 4
export const ERROR = 8
export const OUTSIDE = 12
// Of a whole vector, in the same place.
export const SIZE = 12

// 24 units of 2^-24, of the sum of both norms: what the products, sums and norms may be off by, and all that is
// rounded after them.
export const CANCELLATION: f32 = 0.000001430511474609375
// 32 units of the sum of both squared norms: what an inner product of codes and its error are rounded by.
export const PRODUCT_SLACK: f32 = 0.0000019073486328125
// 2^-34 of both norms: what lies outside the subspace is computed in float64, up to its rounding.
const OUTSIDE_FLOOR: f32 = 0.0000000000582076609134674072265625
// 6 units: norms outside the subspace are rounded to float32, and so are their difference and its square.
const OUTSIDE_SLACK: f32 = 0.00000035762786865234375

/** The sums of the lanes of four vectors, as one vector. */
// @ts-ignore: decorator
@inline
export function laneSums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = i32x4.add(v128.shuffle<i32>(a, b, 0, 1, 4, 5), v128.shuffle<i32>(a, b, 2, 3, 6, 7))
  const cd = i32x4.add(v128.shuffle<i32>(c, d, 0, 1, 4, 5), v128.shuffle<i32>(c, d, 2, 3, 6, 7))
  return i32x4.add(v128.shuffle<i32>(ab, cd, 0, 2, 4, 6), v128.shuffle<i32>(ab, cd, 1, 3, 5, 7))
}

/** The lower bound of four pairs, from the integer products of their codes. */
// @ts-ignore: decorator
@inline
export function prefixBound(
  products: v128,
  scales: v128,
  norms: v128,
  errors: v128,
  outside: v128,
  outsideSum: v128,
): v128 {
  const squared = f32x4.sub(norms, f32x4.mul(scales, f32x4.convert_i32x4_s(products)))
  const safe = f32x4.sub(squared, f32x4.mul(norms, f32x4.splat(CANCELLATION)))
  const zero = f32x4.splat(0)
  const inside = f32x4.pmax(f32x4.sub(f32x4.sqrt(f32x4.pmax(safe, zero)), errors), zero)
  const beside = f32x4.pmax(
    f32x4.sub(
      f32x4.sub(f32x4.abs(outside), f32x4.mul(outsideSum, f32x4.splat(OUTSIDE_SLACK))),
      f32x4.mul(f32x4.sqrt(norms), f32x4.splat(OUTSIDE_FLOOR)),
    ),
    zero,
  )
  return f32x4.add(f32x4.mul(inside, inside), f32x4.mul(beside, beside))
}

/** The upper bound of four pairs. No difference is taken, so that only what is rounded down has to be made up for. */
// @ts-ignore: decorator
@inline
export function prefixUpper(
  products: v128,
  scales: v128,
  norms: v128,
  errors: v128,
  outsideSum: v128,
): v128 {
  const squared = f32x4.sub(norms, f32x4.mul(scales, f32x4.convert_i32x4_s(products)))
  const safe = f32x4.add(squared, f32x4.mul(norms, f32x4.splat(CANCELLATION)))
  const inside = f32x4.add(f32x4.sqrt(f32x4.pmax(safe, f32x4.splat(0))), errors)
  const beside = f32x4.add(outsideSum, f32x4.mul(outsideSum, f32x4.splat(OUTSIDE_SLACK)))
  return f32x4.add(f32x4.mul(inside, inside), f32x4.mul(beside, beside))
}
