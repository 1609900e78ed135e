// Bounds of squared Euclidean distances from 8-bit codes (AssemblyScript, WASM SIMD).
// docs/exactness.md, section 3, derives every slack here. A block holds the codes of its rows, then
// one array of float32 each for scale, squared norm of the decoded vector, error of the code and,
// for prefix codes, the norm of what lies outside the subspace.

const PREFIX: usize = 64

// The query, as written by code-level.ts: codes (int16), then float32 twice its scale, its squared
// norm, its error, its norm outside, at these offsets past the codes.
const TWICE_SCALE = 0
const NORM = 4
const ERROR = 8
const OUTSIDE = 12

// 24 units of 2^-24, of the sum of both norms: what the products, sums and norms may be off by, and all that is
// rounded after them.
const CANCELLATION: f32 = 0.000001430511474609375
// 2^-34 of both norms: what lies outside the subspace is computed in float64, up to its rounding.
const OUTSIDE_FLOOR: f32 = 0.0000000000582076609134674072265625
// 6 units: norms outside the subspace are rounded to float32, and so are their difference and its square.
const OUTSIDE_SLACK: f32 = 0.00000035762786865234375

/** The sums of the lanes of four vectors, as one vector. */
// @ts-ignore: decorator
@inline
function laneSums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = i32x4.add(v128.shuffle<i32>(a, b, 0, 1, 4, 5), v128.shuffle<i32>(a, b, 2, 3, 6, 7))
  const cd = i32x4.add(v128.shuffle<i32>(c, d, 0, 1, 4, 5), v128.shuffle<i32>(c, d, 2, 3, 6, 7))
  return i32x4.add(v128.shuffle<i32>(ab, cd, 0, 2, 4, 6), v128.shuffle<i32>(ab, cd, 1, 3, 5, 7))
}

/** The lower bound of four pairs, from the integer products of their codes. */
// @ts-ignore: decorator
@inline
function prefixBound(
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
function prefixUpper(
  products: v128,
  scales: v128,
  norms: v128,
  errors: v128,
  outsideSum: v128,
): v128 {
  const squared = f32x4.sub(norms, f32x4.mul(scales, f32x4.convert_i32x4_s(products)))
  const safe = f32x4.add(squared, f32x4.mul(norms, f32x4.splat(CANCELLATION)))
  const inside = f32x4.add(f32x4.sqrt(f32x4.pmax(safe, f32x4.splat(0))), errors)
  const beside = f32x4.add(
    f32x4.add(outsideSum, f32x4.mul(outsideSum, f32x4.splat(OUTSIDE_SLACK))),
    f32x4.mul(f32x4.sqrt(norms), f32x4.splat(OUTSIDE_FLOOR)),
  )
  return f32x4.add(f32x4.mul(inside, inside), f32x4.mul(beside, beside))
}

// The loops over codes stay loops: V8 moves all loads of a straight run of code to its start, and
// spills what passes its 16 registers. Unrolled, the kernels take 1.5 times as long.

/**
 * Bounds of one query and the `count` rows of a block from `first`, float32 at `out`. Both are
 * multiples of 4.
 */
export function prefixBounds(
  query: usize,
  block: usize,
  capacity: i32,
  first: i32,
  count: i32,
  out: usize,
): void {
  boundRows(query, block, capacity, first, count, out, false)
}

/** The same, and behind these bounds as many upper ones. */
export function prefixBetween(
  query: usize,
  block: usize,
  capacity: i32,
  first: i32,
  count: i32,
  out: usize,
): void {
  boundRows(query, block, capacity, first, count, out, true)
}

/** @param both a constant, so that each kernel has its own loop. */
// @ts-ignore: decorator
@inline
function boundRows(
  query: usize,
  block: usize,
  capacity: i32,
  first: i32,
  count: i32,
  out: usize,
  both: bool,
): void {
  const facts = query + PREFIX * 2
  const twice = f32x4.splat(load<f32>(facts, TWICE_SCALE))
  const norm = f32x4.splat(load<f32>(facts, NORM))
  const error = f32x4.splat(load<f32>(facts, ERROR))
  const beside = f32x4.splat(load<f32>(facts, OUTSIDE))
  const scales = block + <usize>capacity * PREFIX
  const stride = <usize>capacity << 2
  for (let i = first; i < first + count; i += 4) {
    const row = block + <usize>i * PREFIX
    let a = i32x4.splat(0)
    let b = i32x4.splat(0)
    let c = i32x4.splat(0)
    let d = i32x4.splat(0)
    for (let offset: usize = 0; offset < PREFIX; offset += 8) {
      const codes = row + offset
      const part = v128.load(query + (offset << 1))
      a = i32x4.add(a, i32x4.dot_i16x8_s(v128.load_ext<i8>(codes), part))
      b = i32x4.add(b, i32x4.dot_i16x8_s(v128.load_ext<i8>(codes, 64), part))
      c = i32x4.add(c, i32x4.dot_i16x8_s(v128.load_ext<i8>(codes, 128), part))
      d = i32x4.add(d, i32x4.dot_i16x8_s(v128.load_ext<i8>(codes, 192), part))
    }
    const products = laneSums(a, b, c, d)
    const at = scales + (<usize>i << 2)
    const outside = v128.load(at + stride * 3)
    const scale = f32x4.mul(twice, v128.load(at))
    const norms = f32x4.add(norm, v128.load(at + stride))
    const errors = f32x4.add(error, v128.load(at + stride * 2))
    const sum = f32x4.add(beside, outside)
    const to = out + (<usize>(i - first) << 2)
    v128.store(to, prefixBound(products, scale, norms, errors, f32x4.sub(beside, outside), sum))
    if (both) {
      const upper = prefixUpper(products, scale, norms, errors, sum)
      v128.store(to + (<usize>count << 2), upper)
    }
  }
}

/** The products of the prefix codes of a row with those of four queries that follow each other. */
// @ts-ignore: decorator
@inline
function prefixProducts4(queries: usize, row: usize): v128 {
  let a = i32x4.splat(0)
  let b = i32x4.splat(0)
  let c = i32x4.splat(0)
  let d = i32x4.splat(0)
  for (let offset: usize = 0; offset < PREFIX; offset += 8) {
    const codes = v128.load_ext<i8>(row + offset)
    const query = queries + (offset << 1)
    a = i32x4.add(a, i32x4.dot_i16x8_s(codes, v128.load(query)))
    b = i32x4.add(b, i32x4.dot_i16x8_s(codes, v128.load(query, 128)))
    c = i32x4.add(c, i32x4.dot_i16x8_s(codes, v128.load(query, 256)))
    d = i32x4.add(d, i32x4.dot_i16x8_s(codes, v128.load(query, 384)))
  }
  return laneSums(a, b, c, d)
}

/**
 * The same for four queries in one pass. Their codes follow each other at `queries`, then their
 * facts as four vectors; the bounds come as [row][query].
 */
export function prefixBounds4(
  queries: usize,
  block: usize,
  capacity: i32,
  first: i32,
  count: i32,
  out: usize,
): void {
  const facts = queries + PREFIX * 2 * 4
  const twice = v128.load(facts)
  const norm = v128.load(facts, 16)
  const error = v128.load(facts, 32)
  const beside = v128.load(facts, 48)
  const scales = block + <usize>capacity * PREFIX
  const stride = <usize>capacity << 2
  for (let i = first; i < first + count; i++) {
    const row = block + <usize>i * PREFIX
    const products = prefixProducts4(queries, row)
    const at = scales + (<usize>i << 2)
    const outside = v128.load32_splat(at + stride * 3)
    v128.store(
      out + (<usize>(i - first) << 4),
      prefixBound(
        products,
        f32x4.mul(twice, v128.load32_splat(at)),
        f32x4.add(norm, v128.load32_splat(at + stride)),
        f32x4.add(error, v128.load32_splat(at + stride * 2)),
        f32x4.sub(beside, outside),
        f32x4.add(beside, outside),
      ),
    )
  }
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
  const scales = block + <usize>capacity * PREFIX
  const stride = <usize>capacity << 2
  let hits = 0
  for (let i = first; i < first + count; i++) {
    const row = block + <usize>i * PREFIX
    const at = scales + (<usize>i << 2)
    const outside = v128.load32_splat(at + stride * 3)
    const bounds = prefixBound(
      prefixProducts4(queries, row),
      f32x4.mul(twice, v128.load32_splat(at)),
      f32x4.add(norm, v128.load32_splat(at + stride)),
      f32x4.add(error, v128.load32_splat(at + stride * 2)),
      f32x4.sub(beside, outside),
      f32x4.add(beside, outside),
    )
    const bits = i32x4.bitmask(f32x4.le(bounds, farthest))
    if (bits !== 0) hits = storePairs(found, hits, i, bits)
  }
  return hits
}

/**
 * Finds in the same way the pairs whose bound by the codes of whole vectors is at most `bound`. `bytes` is the padded length
 * of a code; the codes of the four queries follow each other at `queries`, then their facts as four vectors.
 */
export function fullPairs4(
  queries: usize,
  block: usize,
  capacity: i32,
  bytes: i32,
  first: i32,
  count: i32,
  bound: f32,
  found: usize,
): i32 {
  const length = <usize>bytes
  const query1 = length << 1
  const query2 = query1 << 1
  const query3 = query1 + query2
  const facts = queries + (length << 3)
  const twice = v128.load(facts)
  const norm = v128.load(facts, 16)
  const error = v128.load(facts, 32)
  const farthest = f32x4.splat(bound)
  const zero = f32x4.splat(0)
  const scales = block + <usize>capacity * length
  const stride = <usize>capacity << 2
  let hits = 0
  for (let i = first; i < first + count; i++) {
    const row = block + <usize>i * length
    let a = i32x4.splat(0)
    let b = i32x4.splat(0)
    let c = i32x4.splat(0)
    let d = i32x4.splat(0)
    for (let offset: usize = 0; offset < length; offset += 8) {
      const codes = v128.load_ext<i8>(row + offset)
      const query = queries + (offset << 1)
      a = i32x4.add(a, i32x4.dot_i16x8_s(codes, v128.load(query)))
      b = i32x4.add(b, i32x4.dot_i16x8_s(codes, v128.load(query + query1)))
      c = i32x4.add(c, i32x4.dot_i16x8_s(codes, v128.load(query + query2)))
      d = i32x4.add(d, i32x4.dot_i16x8_s(codes, v128.load(query + query3)))
    }
    const products = f32x4.convert_i32x4_s(laneSums(a, b, c, d))
    const at = scales + (<usize>i << 2)
    const norms = f32x4.add(norm, v128.load32_splat(at + stride))
    const errors = f32x4.add(error, v128.load32_splat(at + stride * 2))
    const scale = f32x4.mul(twice, v128.load32_splat(at))
    const squared = f32x4.sub(norms, f32x4.mul(scale, products))
    const slack = f32x4.mul(norms, f32x4.splat(CANCELLATION))
    const inside = f32x4.sqrt(f32x4.pmax(f32x4.sub(squared, slack), zero))
    const lower = f32x4.pmax(f32x4.sub(inside, errors), zero)
    const bits = i32x4.bitmask(f32x4.le(f32x4.mul(lower, lower), farthest))
    if (bits !== 0) hits = storePairs(found, hits, i, bits)
  }
  return hits
}

/** Writes the pairs of a row and the queries whose bits are set; returns the number of all hits then. */
// @ts-ignore: decorator
@inline
function storePairs(found: usize, hits: i32, row: i32, bits: i32): i32 {
  let count = hits
  for (let q = 0; q < 4; q++) {
    if (((bits >> q) & 1) === 0) continue
    store<u32>(found + (<usize>count << 2), (row << 2) | q)
    count++
  }
  return count
}

/**
 * Writes at `found`, of the `count` rows listed at `listed`, those whose lower bound is at most
 * `bound`, with bit 31 set where also the upper bound is at most `inner`: they are within for sure.
 * Rows whose upper bound is below `past` are left out.
 * `bytes` is the padded length of a code, `facts` the address of the query's facts.
 */
export function fullBounds(
  query: usize,
  facts: usize,
  block: usize,
  capacity: i32,
  bytes: i32,
  listed: usize,
  count: i32,
  bound: f32,
  inner: f32,
  past: f32,
  found: usize,
): i32 {
  const twice = f32x4.splat(load<f32>(facts, TWICE_SCALE))
  const norm = f32x4.splat(load<f32>(facts, NORM))
  const error = f32x4.splat(load<f32>(facts, ERROR))
  const farthest = f32x4.splat(bound)
  const nearest = f32x4.splat(past)
  const certain = f32x4.splat(inner)
  const zero = f32x4.splat(0)
  const length = <usize>bytes
  const scales = block + <usize>capacity * length
  const stride = <usize>capacity << 2
  let hits = 0
  for (let i = 0; i < count; i += 4) {
    // Four rows at a time, so that their cache misses overlap; the last is repeated past the end.
    const last = count - 1 - i
    const list = listed + (<usize>i << 2)
    const n0 = <usize>load<u32>(list)
    const n1 = <usize>load<u32>(list + (<usize>min(1, last) << 2))
    const n2 = <usize>load<u32>(list + (<usize>min(2, last) << 2))
    const n3 = <usize>load<u32>(list + (<usize>min(3, last) << 2))
    const row0 = block + n0 * length
    const row1 = block + n1 * length
    const row2 = block + n2 * length
    const row3 = block + n3 * length
    let a = i32x4.splat(0)
    let b = i32x4.splat(0)
    let c = i32x4.splat(0)
    let d = i32x4.splat(0)
    for (let offset: usize = 0; offset < length; offset += 8) {
      const part = v128.load(query + (offset << 1))
      a = i32x4.add(a, i32x4.dot_i16x8_s(v128.load_ext<i8>(row0 + offset), part))
      b = i32x4.add(b, i32x4.dot_i16x8_s(v128.load_ext<i8>(row1 + offset), part))
      c = i32x4.add(c, i32x4.dot_i16x8_s(v128.load_ext<i8>(row2 + offset), part))
      d = i32x4.add(d, i32x4.dot_i16x8_s(v128.load_ext<i8>(row3 + offset), part))
    }
    const products = f32x4.convert_i32x4_s(laneSums(a, b, c, d))
    const norms = f32x4.add(norm, gather(scales + stride, n0, n1, n2, n3))
    const errors = f32x4.add(error, gather(scales + stride * 2, n0, n1, n2, n3))
    const scale = f32x4.mul(twice, gather(scales, n0, n1, n2, n3))
    const squared = f32x4.sub(norms, f32x4.mul(scale, products))
    const slack = f32x4.mul(norms, f32x4.splat(CANCELLATION))
    const inside = f32x4.sqrt(f32x4.pmax(f32x4.sub(squared, slack), zero))
    const lower = f32x4.pmax(f32x4.sub(inside, errors), zero)
    const outside = f32x4.sqrt(f32x4.pmax(f32x4.add(squared, slack), zero))
    const upper = f32x4.add(outside, errors)
    const low = f32x4.mul(lower, lower)
    const high = f32x4.mul(upper, upper)
    const kept = v128.andnot(f32x4.le(low, farthest), f32x4.lt(high, nearest))
    let bits = i32x4.bitmask(kept)
    if (last < 3) bits &= (2 << last) - 1
    if (bits === 0) continue
    const within = i32x4.bitmask(f32x4.le(high, certain))
    for (let j = 0; j < 4; j++) {
      if (((bits >> j) & 1) === 0) continue
      const number = load<u32>(list + (<usize>j << 2))
      store<u32>(found + (<usize>hits << 2), number | (((within >> j) & 1) << 31))
      hits++
    }
  }
  return hits
}

/** Four of the float32 numbers that begin at `from`. */
// @ts-ignore: decorator
@inline
function gather(from: usize, i: usize, j: usize, k: usize, l: usize): v128 {
  let four = v128.load32_zero(from + (i << 2))
  four = v128.load_lane<f32>(from + (j << 2), four, 1)
  four = v128.load_lane<f32>(from + (k << 2), four, 2)
  return v128.load_lane<f32>(from + (l << 2), four, 3)
}
