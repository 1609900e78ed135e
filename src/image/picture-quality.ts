/** How good a picture is, as the model sees it. */
export interface PictureQuality {
  /** The variance of the Laplacian of its brightness: small where nothing has an edge, as in a blurred picture. */
  readonly sharpness: number
  /** The mean brightness, 0 (black) to 255 (white). */
  readonly brightness: number
}

/**
 * Measures the pixels that a model gets, so that pictures of all sizes compare: sharpness by the variance of the Laplacian
 * (Pech-Pacheco et al., ICPR 2000) of the luma of Rec. 601, in which the edge of the picture is left out.
 *
 * @param pixels 8-bit RGB, interleaved.
 */
export function pictureQuality(
  pixels: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
): PictureQuality {
  const luma = new Float64Array(width * height)
  let light = 0
  for (let i = 0; i < luma.length; i++) {
    luma[i] = 0.299 * pixels[3 * i]! + 0.587 * pixels[3 * i + 1]! + 0.114 * pixels[3 * i + 2]!
    light += luma[i]!
  }
  let [sum, squares, count] = [0, 0, 0]
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x
      const around = luma[at - 1]! + luma[at + 1]! + luma[at - width]! + luma[at + width]!
      const edge = around - 4 * luma[at]!
      sum += edge
      squares += edge * edge
      count++
    }
  }
  const mean = count === 0 ? 0 : sum / count
  const sharpness = count === 0 ? 0 : Math.max(0, squares / count - mean * mean)
  return { sharpness, brightness: light / luma.length }
}
