// Coordinates of a vector in a basis, in float64 (AssemblyScript, WASM SIMD): docs/exactness.md, section 3, holds for
// any order of the sums. Rows of the basis follow each other at `basis`; `bytes` is the length of one, of an even
// number of numbers; `rank` is a multiple of four: four rows share the reading of the vector.

export function project(
  basis: usize,
  bytes: usize,
  rank: i32,
  vector: usize,
  coordinates: usize,
): void {
  for (let k = 0; k < rank; k += 4) {
    const first = basis + <usize>k * bytes
    const second = first + bytes
    const third = second + bytes
    const fourth = third + bytes
    let a = f64x2.splat(0)
    let b = f64x2.splat(0)
    let c = f64x2.splat(0)
    let d = f64x2.splat(0)
    for (let offset: usize = 0; offset < bytes; offset += 16) {
      const values = v128.load(vector + offset)
      a = f64x2.add(a, f64x2.mul(v128.load(first + offset), values))
      b = f64x2.add(b, f64x2.mul(v128.load(second + offset), values))
      c = f64x2.add(c, f64x2.mul(v128.load(third + offset), values))
      d = f64x2.add(d, f64x2.mul(v128.load(fourth + offset), values))
    }
    const out = coordinates + (<usize>k << 3)
    store<f64>(out, sumOf(a))
    store<f64>(out, sumOf(b), 8)
    store<f64>(out, sumOf(c), 16)
    store<f64>(out, sumOf(d), 24)
  }
}

/** Takes what the coordinates stand for away from the vector; the squared norm of what is left. */
export function takeAway(
  basis: usize,
  bytes: usize,
  rank: i32,
  vector: usize,
  coordinates: usize,
): f64 {
  for (let k = 0; k < rank; k += 4) {
    const first = basis + <usize>k * bytes
    const second = first + bytes
    const third = second + bytes
    const fourth = third + bytes
    const weights = coordinates + (<usize>k << 3)
    const a = v128.load64_splat(weights)
    const b = v128.load64_splat(weights, 8)
    const c = v128.load64_splat(weights, 16)
    const d = v128.load64_splat(weights, 24)
    for (let offset: usize = 0; offset < bytes; offset += 16) {
      const ab = f64x2.add(
        f64x2.mul(a, v128.load(first + offset)),
        f64x2.mul(b, v128.load(second + offset)),
      )
      const cd = f64x2.add(
        f64x2.mul(c, v128.load(third + offset)),
        f64x2.mul(d, v128.load(fourth + offset)),
      )
      const left = f64x2.sub(v128.load(vector + offset), f64x2.add(ab, cd))
      v128.store(vector + offset, left)
    }
  }
  let norm = f64x2.splat(0)
  for (let offset: usize = 0; offset < bytes; offset += 16) {
    const left = v128.load(vector + offset)
    norm = f64x2.add(norm, f64x2.mul(left, left))
  }
  return sumOf(norm)
}

// @ts-ignore: decorator
@inline
function sumOf(pair: v128): f64 {
  return f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1)
}
