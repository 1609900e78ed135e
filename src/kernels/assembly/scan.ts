// Float32 scan kernels (AssemblyScript, WASM SIMD). Rows are padded with zeros to a multiple of four
// floats, so the padding adds nothing. Each kernel writes the numbers of the rows whose squared
// Euclidean distance is at most `bound` and returns how many those are. The distances stay inside:
// the caller computes the canonical float64 distance of what passes.

// Four accumulators hide the latency of the addition. docs/exactness.md derives the error of this
// order of summation: at most ceil(d / 16) + 10 roundings on any path from a term to the sum.
// @ts-ignore: decorator
@inline
function squaredDistance(query: usize, row: usize, floats: i32): f32 {
  let a = f32x4.splat(0)
  let b = f32x4.splat(0)
  let c = f32x4.splat(0)
  let d = f32x4.splat(0)
  const end16 = query + (<usize>(floats & ~15) << 2)
  const end = query + (<usize>floats << 2)
  while (query < end16) {
    const d0 = f32x4.sub(v128.load(query), v128.load(row))
    const d1 = f32x4.sub(v128.load(query, 16), v128.load(row, 16))
    const d2 = f32x4.sub(v128.load(query, 32), v128.load(row, 32))
    const d3 = f32x4.sub(v128.load(query, 48), v128.load(row, 48))
    a = f32x4.add(a, f32x4.mul(d0, d0))
    b = f32x4.add(b, f32x4.mul(d1, d1))
    c = f32x4.add(c, f32x4.mul(d2, d2))
    d = f32x4.add(d, f32x4.mul(d3, d3))
    query += 64
    row += 64
  }
  while (query < end) {
    const difference = f32x4.sub(v128.load(query), v128.load(row))
    a = f32x4.add(a, f32x4.mul(difference, difference))
    query += 16
    row += 16
  }
  const sum = f32x4.add(f32x4.add(a, b), f32x4.add(c, d))
  return (
    f32x4.extract_lane(sum, 0) +
    f32x4.extract_lane(sum, 1) +
    (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3))
  )
}

/** Scans `count` rows that follow each other from `rows`. */
export function scan(
  query: usize,
  rows: usize,
  count: i32,
  floats: i32,
  bound: f32,
  found: usize,
): i32 {
  const stride = <usize>floats << 2
  let hits = 0
  for (let i = 0; i < count; i++) {
    if (squaredDistance(query, rows, floats) <= bound) {
      store<u32>(found + (<usize>hits << 2), i)
      hits++
    }
    rows += stride
  }
  return hits
}

/**
 * Scans the `count` rows that are listed at `listed`, as numbers of steps of `stride` floats from `rows`. The number of one
 * whose distance is at most `inner` is written with bit 31 set.
 */
export function scanListed(
  query: usize,
  rows: usize,
  listed: usize,
  count: i32,
  stride: i32,
  floats: i32,
  bound: f32,
  inner: f32,
  found: usize,
): i32 {
  const step = <usize>stride << 2
  let hits = 0
  for (let i = 0; i < count; i++) {
    const number = load<u32>(listed + (<usize>i << 2))
    const squared = squaredDistance(query, rows + <usize>number * step, floats)
    if (squared <= bound) {
      store<u32>(found + (<usize>hits << 2), squared <= inner ? number | 0x80000000 : number)
      hits++
    }
  }
  return hits
}

/**
 * The canonical squared distances, float64 at `out`, of the rows that are listed, as for `scanListed`: each by the additions of
 * `squaredEuclidean` in the same order, four rows side by side.
 */
export function canonical(
  query: usize,
  rows: usize,
  listed: usize,
  count: i32,
  stride: i32,
  dimensions: i32,
  out: usize,
): void {
  const step = <usize>stride << 2
  const length = <usize>dimensions << 2
  for (let i = 0; i < count; i += 4) {
    // The last is repeated past the end.
    const last = count - 1 - i
    const list = listed + (<usize>i << 2)
    const row0 = rows + <usize>load<u32>(list) * step
    const row1 = rows + <usize>load<u32>(list + (<usize>min(1, last) << 2)) * step
    const row2 = rows + <usize>load<u32>(list + (<usize>min(2, last) << 2)) * step
    const row3 = rows + <usize>load<u32>(list + (<usize>min(3, last) << 2)) * step
    let a: f64 = 0
    let b: f64 = 0
    let c: f64 = 0
    let d: f64 = 0
    for (let offset: usize = 0; offset < length; offset += 4) {
      const value = <f64>load<f32>(query + offset)
      const d0 = value - <f64>load<f32>(row0 + offset)
      const d1 = value - <f64>load<f32>(row1 + offset)
      const d2 = value - <f64>load<f32>(row2 + offset)
      const d3 = value - <f64>load<f32>(row3 + offset)
      a += d0 * d0
      b += d1 * d1
      c += d2 * d2
      d += d3 * d3
    }
    const sums = out + (<usize>i << 3)
    store<f64>(sums, a)
    store<f64>(sums, b, 8)
    store<f64>(sums, c, 16)
    store<f64>(sums, d, 24)
  }
}
