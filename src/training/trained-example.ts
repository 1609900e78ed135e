import type { Neighbour } from '../evaluation/example-queries.ts'
import type { TestExample } from '../learning/test-examples.ts'
import type { LabelledImage } from './labelled-images.ts'

/** A test image that asked, and the images that were nearest to it. */
export interface TrainedExample {
  readonly asked: LabelledImage
  readonly backbone: readonly FoundImage[]
  /** By what was exported; null where that is the backbone. */
  readonly exported: readonly FoundImage[] | null
}

interface FoundImage extends LabelledImage {
  readonly isRight: boolean
  /** Euclidean, of unit vectors. */
  readonly distance: number
}

/** @param images of the rows. */
export function trainedExample(
  { query, backbone, exported }: TestExample,
  images: readonly LabelledImage[],
): TrainedExample {
  const asked = images[query]!
  const found = (neighbours: readonly Neighbour[]) =>
    neighbours.map(({ row, distance }) => {
      const image = images[row]!
      return { ...image, isRight: image.label === asked.label, distance }
    })
  return { asked, backbone: found(backbone), exported: exported === null ? null : found(exported) }
}
