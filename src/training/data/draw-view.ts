import { sha256Of } from '../../files/sha256.ts'
import type { ImageView } from '../../image/image-decoder.ts'
import { seededRandom } from '../../vector/random.ts'

/** Rises when another view is drawn for the same image, or other pixels made of it. */
export const VIEW_FORM = 1

/** The least share of the area of what the model sees, and the shapes of the part. */
const LEAST_AREA = 0.4
const MOST_ASPECT = 4 / 3
const BRIGHTNESS = 0.2
const TINT = 0.05

/**
 * Draws a view of an image, as random resized crops are drawn (Szegedy et al., 2015), milder; half of
 * them are mirrored. Its content and the view's number are the seed: the same image has the same
 * views in every training.
 * @param hash the SHA-256 of the image file.
 * @param number of the view, from 1; the plain image is 0.
 */
export function drawView(hash: string, number: number): ImageView {
  const random = seededRandom(Number.parseInt(sha256Of(`${hash} ${number}`).slice(0, 8), 16))
  const area = LEAST_AREA + (1 - LEAST_AREA) * random()
  const root = Math.sqrt(MOST_ASPECT ** (2 * random() - 1))
  const side = Math.sqrt(area)
  const brightness = 1 + BRIGHTNESS * (2 * random() - 1)
  const gain = () => brightness * (1 + TINT * (2 * random() - 1))
  return {
    width: Math.min(1, side * root),
    height: Math.min(1, side / root),
    across: random(),
    down: random(),
    isMirrored: random() < 0.5,
    gains: [gain(), gain(), gain()],
  }
}
