// Enlarges pictures (AssemblyScript, WASM SIMD) with the weights that image/enlarge.ts makes. Each sum has the products in the
// order of the taps, in float64, so that the bits are those of a plain loop.

/**
 * Makes each of `lines` lines of 8-bit RGB at `pixels` as long as `target` pixels, in float64 at `wide`. Pixel x of the target is the sum of `count`
 * pixels from first[x] on, with weights[x * count] and so on.
 */
export function widen(
  pixels: usize,
  width: i32,
  lines: i32,
  first: usize,
  weights: usize,
  count: i32,
  target: i32,
  wide: usize,
): void {
  for (let y = 0; y < lines; y++) {
    const line = pixels + <usize>(y * width * 3)
    let weight = weights
    for (let x = 0; x < target; x++) {
      let from = line + <usize>(load<i32>(first + (<usize>x << 2)) * 3)
      let redGreen = f64x2.splat(0)
      let blue: f64 = 0
      for (let i = 0; i < count; i++) {
        const share = load<f64>(weight)
        const two = f64x2.replace_lane(
          f64x2.splat(<f64>load<u8>(from)),
          1,
          <f64>load<u8>(from, 1),
        )
        redGreen = f64x2.add(redGreen, f64x2.mul(f64x2.splat(share), two))
        blue += share * <f64>load<u8>(from, 2)
        weight += 8
        from += 3
      }
      v128.store(wide, redGreen)
      store<f64>(wide, blue, 16)
      wide += 24
    }
  }
}

/**
 * Makes `target` lines of `values` numbers out of those at `wide`, as 8-bit values at `out`: to the nearest, of two the even one, and clamped.
 * `values` is a multiple of four, or up to three more are read and written past each line.
 */
export function heighten(
  wide: usize,
  first: usize,
  weights: usize,
  count: i32,
  target: i32,
  values: i32,
  out: usize,
): void {
  const bytes = <usize>values << 3
  const most = i32x4.splat(255)
  for (let y = 0; y < target; y++) {
    const from = wide + <usize>load<i32>(first + (<usize>y << 2)) * bytes
    const share = weights + (<usize>(y * count) << 3)
    for (let x = 0; x < values; x += 4) {
      const column = from + (<usize>x << 3)
      let low = f64x2.splat(0)
      let high = f64x2.splat(0)
      let at = column
      for (let i = 0; i < count; i++) {
        const weight = v128.load64_splat(share + (<usize>i << 3))
        low = f64x2.add(low, f64x2.mul(weight, v128.load(at)))
        high = f64x2.add(high, f64x2.mul(weight, v128.load(at, 16)))
        at += bytes
      }
      // Saturating: what is below zero becomes zero.
      const lowest = i32x4.trunc_sat_f64x2_u_zero(f64x2.nearest(low))
      const highest = i32x4.trunc_sat_f64x2_u_zero(f64x2.nearest(high))
      const four = i32x4.min_u(i32x4.shuffle(lowest, highest, 0, 1, 4, 5), most)
      const eight = i16x8.narrow_i32x4_u(four, four)
      store<u32>(out + <usize>x, i32x4.extract_lane(i8x16.narrow_i16x8_u(eight, eight), 0))
    }
    out += <usize>values
  }
}
