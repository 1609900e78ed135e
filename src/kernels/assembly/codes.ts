// Lower bounds of squared Euclidean distances from 8-bit codes (AssemblyScript, WASM SIMD).
// docs/exactness.md, section 3, derives every slack here. A block holds the codes of its rows, then
// one array of float32 each for scale, squared norm of the decoded vector, error of the code and,
// for prefix codes, the norm of what lies outside the subspace.

const PREFIX = 64

// The query, as written by code-query.ts: codes (int16), then float32 twice its scale, its squared
// norm, its error, its norm outside, at these offsets past the codes.
const TWICE_SCALE = 0
const NORM = 4
const ERROR = 8
const OUTSIDE = 12

// 16 units of 2^-24, of the sum of both norms: what the products, sums and norms may be off by.
const CANCELLATION: f32 = 0.00000095367431640625
// 2^-34 of both norms: what lies outside the subspace is computed in float64, up to its rounding.
const OUTSIDE_FLOOR: f32 = 0.0000000000582076609134674072265625
// 4 units: norms outside the subspace are rounded to float32, and so is their difference.
const OUTSIDE_SLACK: f32 = 0.0000002384185791015625
// 1 - 2^-20: the last squares, sum and square root.
const INWARD: f32 = 0.99999904632568359375

// @ts-ignore: decorator
@inline
function dot16(query: usize, row: usize): v128 {
  const codes = v128.load(row)
  return i32x4.add(
    i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(codes), v128.load(query)),
    i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(codes), v128.load(query, 16)),
  )
}

// @ts-ignore: decorator
@inline
function dot64(query: usize, row: usize): v128 {
  return i32x4.add(
    i32x4.add(dot16(query, row), dot16(query + 32, row + 16)),
    i32x4.add(dot16(query + 64, row + 32), dot16(query + 96, row + 48)),
  )
}

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
  const inside = f32x4.max(f32x4.sub(f32x4.sqrt(f32x4.max(safe, zero)), errors), zero)
  const beside = f32x4.max(
    f32x4.sub(
      f32x4.sub(f32x4.abs(outside), f32x4.mul(outsideSum, f32x4.splat(OUTSIDE_SLACK))),
      f32x4.mul(f32x4.sqrt(norms), f32x4.splat(OUTSIDE_FLOOR)),
    ),
    zero,
  )
  return f32x4.mul(
    f32x4.add(f32x4.mul(inside, inside), f32x4.mul(beside, beside)),
    f32x4.splat(INWARD),
  )
}

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
  const facts = query + PREFIX * 2
  const twice = f32x4.splat(load<f32>(facts, TWICE_SCALE))
  const norm = f32x4.splat(load<f32>(facts, NORM))
  const error = f32x4.splat(load<f32>(facts, ERROR))
  const beside = f32x4.splat(load<f32>(facts, OUTSIDE))
  const scales = block + <usize>capacity * PREFIX
  const stride = <usize>capacity << 2
  for (let i = first; i < first + count; i += 4) {
    const row = block + <usize>i * PREFIX
    const products = laneSums(
      dot64(query, row),
      dot64(query, row + 64),
      dot64(query, row + 128),
      dot64(query, row + 192),
    )
    const at = scales + (<usize>i << 2)
    const outside = v128.load(at + stride * 3)
    v128.store(
      out + (<usize>(i - first) << 2),
      prefixBound(
        products,
        f32x4.mul(twice, v128.load(at)),
        f32x4.add(norm, v128.load(at + stride)),
        f32x4.add(error, v128.load(at + stride * 2)),
        f32x4.sub(beside, outside),
        f32x4.add(beside, outside),
      ),
    )
  }
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
    const products = laneSums(
      dot64(queries, row),
      dot64(queries + 128, row),
      dot64(queries + 256, row),
      dot64(queries + 384, row),
    )
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
 * Of the `count` rows listed at `listed`, writes at `found` those whose lower bound is at most
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
  const twice = load<f32>(facts, TWICE_SCALE)
  const norm = load<f32>(facts, NORM)
  const error = load<f32>(facts, ERROR)
  const scales = block + <usize>capacity * <usize>bytes
  const stride = <usize>capacity << 2
  let hits = 0
  for (let i = 0; i < count; i++) {
    const number = load<u32>(listed + (<usize>i << 2))
    let row = block + <usize>number * <usize>bytes
    const end = row + <usize>bytes
    let codes = query
    let a = i32x4.splat(0)
    let b = i32x4.splat(0)
    while (row + 16 < end) {
      a = i32x4.add(a, dot16(codes, row))
      b = i32x4.add(b, dot16(codes + 32, row + 16))
      codes += 64
      row += 32
    }
    if (row < end) a = i32x4.add(a, dot16(codes, row))
    const sum = i32x4.add(a, b)
    const product =
      i32x4.extract_lane(sum, 0) +
      i32x4.extract_lane(sum, 1) +
      i32x4.extract_lane(sum, 2) +
      i32x4.extract_lane(sum, 3)
    const at = scales + (<usize>number << 2)
    const norms = norm + load<f32>(at + stride)
    const errors = error + load<f32>(at + stride * 2)
    const squared = norms - twice * load<f32>(at) * <f32>product
    const slack = norms * CANCELLATION
    const lower = max<f32>(sqrt<f32>(max<f32>(squared - slack, 0)) - errors, 0)
    if (lower * lower * INWARD <= bound) {
      const upper = sqrt<f32>(max<f32>(squared + slack, 0)) + errors
      if (upper * upper < past * INWARD) continue
      store<u32>(
        found + (<usize>hits << 2),
        upper * upper <= inner * INWARD ? number | 0x80000000 : number,
      )
      hits++
    }
  }
  return hits
}
