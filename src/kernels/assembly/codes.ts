// Bounds of squared Euclidean distances from 8-bit codes (AssemblyScript, WASM SIMD). A block of prefix codes holds the codes of
// its rows, then one array of float32 each for scale, squared norm of the decoded vector, error of the code and the norm of what
// lies outside the subspace. In a block of codes of whole vectors the first three and the squared norm of the vector itself follow the code of each row.

import {
  CANCELLATION,
  ERROR,
  NORM,
  OUTSIDE,
  PREFIX,
  PRODUCT_SLACK,
  SIZE,
  TWICE_SCALE,
  laneSums,
  prefixBound,
  prefixUpper,
} from './code-bounds'

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

/** The products of the prefix codes of a row with those of four queries, eight codes of each after the other. */
// @ts-ignore: decorator
@inline
function prefixProducts4(queries: usize, row: usize): v128 {
  let a = i32x4.splat(0)
  let b = i32x4.splat(0)
  let c = i32x4.splat(0)
  let d = i32x4.splat(0)
  for (let offset: usize = 0; offset < PREFIX; offset += 8) {
    const codes = v128.load_ext<i8>(row + offset)
    const query = queries + (offset << 3)
    a = i32x4.add(a, i32x4.dot_i16x8_s(codes, v128.load(query)))
    b = i32x4.add(b, i32x4.dot_i16x8_s(codes, v128.load(query, 16)))
    c = i32x4.add(c, i32x4.dot_i16x8_s(codes, v128.load(query, 32)))
    d = i32x4.add(d, i32x4.dot_i16x8_s(codes, v128.load(query, 48)))
  }
  return laneSums(a, b, c, d)
}

/**
 * The same for four queries in one pass. Their codes are interleaved at `queries`, eight of each after the other, then come
 * their facts as four vectors; the bounds come as [row][query].
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
 * Writes at `found` the places in the list of those of the `count` rows whose addresses are at `listed` whose lower bound is
 * at most `bound`, with bit 31 set where also the upper bound is at most `inner`: they are within for sure.
 * Rows whose upper bound is below `past` are left out.
 * `bytes` is the padded length of a code, `facts` the address of the query's facts.
 */
export function fullBounds(
  query: usize,
  facts: usize,
  bytes: i32,
  listed: usize,
  count: i32,
  bound: f32,
  inner: f32,
  past: f32,
  found: usize,
): i32 {
  return judge(query, facts, bytes, listed, count, bound, inner, past, found, false)
}

/**
 * Writes in the same way, unmarked, the rows that may be within and are not so for sure. Returns their number, plus 65,536
 * times that of the rows that are.
 */
export function fullWithin(
  query: usize,
  facts: usize,
  bytes: i32,
  listed: usize,
  count: i32,
  bound: f32,
  inner: f32,
  found: usize,
): i32 {
  return judge(query, facts, bytes, listed, count, bound, inner, -1, found, true)
}

/** @param counts a constant, so that each kernel has its own loop. */
// @ts-ignore: decorator
@inline
function judge(
  query: usize,
  facts: usize,
  bytes: i32,
  listed: usize,
  count: i32,
  bound: f32,
  inner: f32,
  past: f32,
  found: usize,
  counts: bool,
): i32 {
  const twice = f32x4.splat(load<f32>(facts, TWICE_SCALE))
  const norm = f32x4.splat(load<f32>(facts, NORM))
  const error = f32x4.splat(load<f32>(facts, ERROR))
  const size = f32x4.splat(load<f32>(facts, SIZE))
  const twiceError = f32x4.add(error, error)
  const twiceLength = f32x4.mul(f32x4.splat(2), f32x4.sqrt(size))
  const farthest = f32x4.splat(bound)
  const nearest = f32x4.splat(past)
  const certain = f32x4.splat(inner)
  const zero = f32x4.splat(0)
  const length = <usize>bytes
  let hits = 0
  let sure = 0
  for (let i = 0; i < count; i += 4) {
    // Four rows at a time, so that their cache misses overlap; the last is repeated past the end.
    const last = count - 1 - i
    const list = listed + (<usize>i << 2)
    const row0 = <usize>load<u32>(list)
    const row1 = <usize>load<u32>(list + (<usize>min(1, last) << 2))
    const row2 = <usize>load<u32>(list + (<usize>min(2, last) << 2))
    const row3 = <usize>load<u32>(list + (<usize>min(3, last) << 2))
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
    // The facts of each row, turned round: one of all four rows each.
    const facts0 = v128.load(row0 + length)
    const facts1 = v128.load(row1 + length)
    const facts2 = v128.load(row2 + length)
    const facts3 = v128.load(row3 + length)
    const low01 = v128.shuffle<i32>(facts0, facts1, 0, 4, 1, 5)
    const low23 = v128.shuffle<i32>(facts2, facts3, 0, 4, 1, 5)
    const high01 = v128.shuffle<i32>(facts0, facts1, 2, 6, 3, 7)
    const high23 = v128.shuffle<i32>(facts2, facts3, 2, 6, 3, 7)
    const scale = f32x4.mul(twice, v128.shuffle<i32>(low01, low23, 0, 1, 4, 5))
    const rowNorms = v128.shuffle<i32>(low01, low23, 2, 3, 6, 7)
    const rowErrors = v128.shuffle<i32>(high01, high23, 0, 1, 4, 5)
    const norms = f32x4.add(norm, rowNorms)
    const errors = f32x4.add(error, rowErrors)
    const product = f32x4.mul(scale, products)
    const squared = f32x4.sub(norms, product)
    const slack = f32x4.mul(norms, f32x4.splat(CANCELLATION))
    const inside = f32x4.sqrt(f32x4.pmax(f32x4.sub(squared, slack), zero))
    const lower = f32x4.pmax(f32x4.sub(inside, errors), zero)
    const outside = f32x4.sqrt(f32x4.pmax(f32x4.add(squared, slack), zero))
    const upper = f32x4.add(outside, errors)
    // By the inner product, which errors change in proportion to the vectors and not to their distance.
    const sizes = f32x4.add(size, v128.shuffle<i32>(high01, high23, 2, 3, 6, 7))
    const turned = f32x4.add(
      f32x4.mul(twiceError, f32x4.sqrt(rowNorms)),
      f32x4.mul(twiceLength, rowErrors),
    )
    const off = f32x4.add(turned, f32x4.mul(sizes, f32x4.splat(PRODUCT_SLACK)))
    const between = f32x4.sub(sizes, product)
    const low = f32x4.pmax(f32x4.mul(lower, lower), f32x4.sub(between, off))
    const high = f32x4.pmin(f32x4.mul(upper, upper), f32x4.add(between, off))
    let kept = f32x4.le(low, farthest)
    if (!counts) kept = v128.andnot(kept, f32x4.lt(high, nearest))
    let bits = i32x4.bitmask(kept)
    if (last < 3) bits &= (2 << last) - 1
    if (bits === 0) continue
    const within = i32x4.bitmask(f32x4.le(high, certain)) & bits
    if (counts) {
      sure += popcnt(within)
      bits ^= within
      if (bits === 0) continue
    }
    for (let j = 0; j < 4; j++) {
      if (((bits >> j) & 1) === 0) continue
      const place = i + j
      store<u32>(found + (<usize>hits << 2), counts ? place : place | (((within >> j) & 1) << 31))
      hits++
    }
  }
  return counts ? (sure << 16) | hits : hits
}
