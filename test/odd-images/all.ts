import { FOREIGN_IMAGES } from './foreign-images.ts'
import type { OddImage } from './odd-image.ts'
import { FILM_IMAGES, JPEG_IMAGES, PNG_IMAGES } from './other-images.ts'
import { TIFF_IMAGES } from './tiff-images.ts'
import { TIFF_REFUSALS } from './tiff-refusals.ts'

/** Odd files of every kind, with what has to become of each. */
export const ODD_IMAGES: readonly OddImage[] = [
  ...TIFF_IMAGES,
  ...TIFF_REFUSALS,
  ...PNG_IMAGES,
  ...JPEG_IMAGES,
  ...FILM_IMAGES,
  ...FOREIGN_IMAGES,
]
