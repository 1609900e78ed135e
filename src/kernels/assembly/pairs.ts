// Finds the pairs of four queries and the rows of a block that their codes do not rule out (AssemblyScript, WASM SIMD). Two rows
// at a time meet the queries: each code that is loaded serves several products, and the sums of all eight stay in registers.

import { CANCELLATION, PREFIX, laneSums, prefixBound } from './code-bounds'

// 8 units of 2^-24: a reach and its square are rounded.
const OUTWARD: f32 = 1.000000476837158203125

/**
 * Whether distances between decoded vectors are within the reach of `radius` and their errors, without a root: four pairs, from
 * the integer products of their codes.
 */
// @ts-ignore: decorator
@inline
function inReach(products: v128, scales: v128, norms: v128, errors: v128, radius: v128): v128 {
  const squared = f32x4.sub(norms, f32x4.mul(scales, f32x4.convert_i32x4_s(products)))
  const safe = f32x4.sub(squared, f32x4.mul(norms, f32x4.splat(CANCELLATION)))
  const reach = f32x4.add(radius, errors)
  return f32x4.le(safe, f32x4.mul(f32x4.mul(reach, reach), f32x4.splat(OUTWARD)))
}

/**
 * Finds, of four queries as `prefixBounds4` takes them and the `count` rows of a block from `first`, the pairs whose bound is
 * at most `bound`. Writes the number of the row times four plus that of the query at `found`, in row order.
 */
export function prefixPairs4(
  queries: usize,
  block: usize,
  capacity: i32,
  first: i32,
  count: i32,
  bound: f32,
  found: usize,
): i32 {
  const facts = queries + PREFIX * 2 * 4
  const twice = v128.load(facts)
  const norm = v128.load(facts, 16)
  const error = v128.load(facts, 32)
  const beside = v128.load(facts, 48)
  const farthest = f32x4.splat(bound)
  const radius = f32x4.splat(f32.sqrt(bound) * OUTWARD)
  const scales = block + <usize>capacity * PREFIX
  const stride = <usize>capacity << 2
  let to = found
  // The row behind the last one may be looked at, and is not listed: what lies there is of the block.
  for (let i = 0; i < count; i += 2) {
    const row = block + <usize>(first + i) * PREFIX
    let a0 = i32x4.splat(0)
    let b0 = i32x4.splat(0)
    let c0 = i32x4.splat(0)
    let d0 = i32x4.splat(0)
    let a1 = i32x4.splat(0)
    let b1 = i32x4.splat(0)
    let c1 = i32x4.splat(0)
    let d1 = i32x4.splat(0)
    for (let offset: usize = 0; offset < PREFIX; offset += 8) {
      const codes0 = v128.load_ext<i8>(row + offset)
      const codes1 = v128.load_ext<i8>(row + offset, 64)
      const query = queries + (offset << 3)
      const a = v128.load(query)
      const b = v128.load(query, 16)
      const c = v128.load(query, 32)
      const d = v128.load(query, 48)
      a0 = i32x4.add(a0, i32x4.dot_i16x8_s(codes0, a))
      b0 = i32x4.add(b0, i32x4.dot_i16x8_s(codes0, b))
      c0 = i32x4.add(c0, i32x4.dot_i16x8_s(codes0, c))
      d0 = i32x4.add(d0, i32x4.dot_i16x8_s(codes0, d))
      a1 = i32x4.add(a1, i32x4.dot_i16x8_s(codes1, a))
      b1 = i32x4.add(b1, i32x4.dot_i16x8_s(codes1, b))
      c1 = i32x4.add(c1, i32x4.dot_i16x8_s(codes1, c))
      d1 = i32x4.add(d1, i32x4.dot_i16x8_s(codes1, d))
    }
    const at = scales + (<usize>(first + i) << 2)
    const products0 = laneSums(a0, b0, c0, d0)
    const scale0 = f32x4.mul(twice, v128.load32_splat(at))
    const norms0 = f32x4.add(norm, v128.load32_splat(at + stride))
    const errors0 = f32x4.add(error, v128.load32_splat(at + stride * 2))
    const products1 = laneSums(a1, b1, c1, d1)
    const scale1 = f32x4.mul(twice, v128.load32_splat(at, 4))
    const norms1 = f32x4.add(norm, v128.load32_splat(at + stride, 4))
    const errors1 = f32x4.add(error, v128.load32_splat(at + stride * 2, 4))
    const near0 = inReach(products0, scale0, norms0, errors0, radius)
    const near1 = inReach(products1, scale1, norms1, errors1, radius)
    if (!v128.any_true(v128.or(near0, near1))) continue
    const outside0 = v128.load32_splat(at + stride * 3)
    const outside1 = v128.load32_splat(at + stride * 3, 4)
    const between0 = f32x4.sub(beside, outside0)
    const between1 = f32x4.sub(beside, outside1)
    const sum0 = f32x4.add(beside, outside0)
    const sum1 = f32x4.add(beside, outside1)
    const bounds0 = prefixBound(products0, scale0, norms0, errors0, between0, sum0)
    const bounds1 = prefixBound(products1, scale1, norms1, errors1, between1, sum1)
    const bits0 = i32x4.bitmask(f32x4.le(bounds0, farthest))
    const bits1 = i32x4.bitmask(f32x4.le(bounds1, farthest))
    if (bits0 !== 0) to = storePairs(to, first + i, bits0)
    if (bits1 !== 0 && i + 1 < count) to = storePairs(to, first + i + 1, bits1)
  }
  return <i32>((to - found) >> 2)
}

/**
 * Finds in the same way the pairs whose bound by the codes of whole vectors is at most `bound`. `bytes` is the padded length
 * of a code; the codes of the four queries are interleaved at `queries`, then come their facts as four vectors.
 */
export function fullPairs4(
  queries: usize,
  block: usize,
  bytes: i32,
  first: i32,
  count: i32,
  bound: f32,
  found: usize,
): i32 {
  const length = <usize>bytes
  const stride = length + 16
  const facts = queries + (length << 3)
  const twice = v128.load(facts)
  const norm = v128.load(facts, 16)
  const error = v128.load(facts, 32)
  const radius = f32x4.splat(f32.sqrt(bound) * OUTWARD)
  let to = found
  for (let i = 0; i < count; i += 2) {
    const row0 = block + <usize>(first + i) * stride
    // The last may be that of the memory too.
    const row1 = i + 1 < count ? row0 + stride : row0
    let a0 = i32x4.splat(0)
    let b0 = i32x4.splat(0)
    let c0 = i32x4.splat(0)
    let d0 = i32x4.splat(0)
    let a1 = i32x4.splat(0)
    let b1 = i32x4.splat(0)
    let c1 = i32x4.splat(0)
    let d1 = i32x4.splat(0)
    let query = queries
    for (let offset: usize = 0; offset < length; offset += 8) {
      const codes0 = v128.load_ext<i8>(row0 + offset)
      const codes1 = v128.load_ext<i8>(row1 + offset)
      const a = v128.load(query)
      const b = v128.load(query, 16)
      const c = v128.load(query, 32)
      const d = v128.load(query, 48)
      a0 = i32x4.add(a0, i32x4.dot_i16x8_s(codes0, a))
      b0 = i32x4.add(b0, i32x4.dot_i16x8_s(codes0, b))
      c0 = i32x4.add(c0, i32x4.dot_i16x8_s(codes0, c))
      d0 = i32x4.add(d0, i32x4.dot_i16x8_s(codes0, d))
      a1 = i32x4.add(a1, i32x4.dot_i16x8_s(codes1, a))
      b1 = i32x4.add(b1, i32x4.dot_i16x8_s(codes1, b))
      c1 = i32x4.add(c1, i32x4.dot_i16x8_s(codes1, c))
      d1 = i32x4.add(d1, i32x4.dot_i16x8_s(codes1, d))
      query += 64
    }
    const bits0 = i32x4.bitmask(
      inReach(
        laneSums(a0, b0, c0, d0),
        f32x4.mul(twice, v128.load32_splat(row0 + length)),
        f32x4.add(norm, v128.load32_splat(row0 + length, 4)),
        f32x4.add(error, v128.load32_splat(row0 + length, 8)),
        radius,
      ),
    )
    const bits1 = i32x4.bitmask(
      inReach(
        laneSums(a1, b1, c1, d1),
        f32x4.mul(twice, v128.load32_splat(row1 + length)),
        f32x4.add(norm, v128.load32_splat(row1 + length, 4)),
        f32x4.add(error, v128.load32_splat(row1 + length, 8)),
        radius,
      ),
    )
    if (bits0 !== 0) to = storePairs(to, first + i, bits0)
    if (bits1 !== 0 && i + 1 < count) to = storePairs(to, first + i + 1, bits1)
  }
  return <i32>((to - found) >> 2)
}

/** Writes the pairs of a row and the queries whose bits are set; returns where the next one goes. */
// @ts-ignore: decorator
@inline
function storePairs(found: usize, row: i32, bits: i32): usize {
  let to = found
  for (let q = 0; q < 4; q++) {
    if (((bits >> q) & 1) === 0) continue
    store<u32>(to, (row << 2) | q)
    to += 4
  }
  return to
}
