import type { Neighbour } from '../../evaluation/example-queries.ts'
import type { TestExample } from '../../learning/choice/test-classes.ts'
import type { LabelledImage } from '../data/labelled-images.ts'

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

/** The pictures of rows that were found for one that asked. @param images of the rows. */
export function foundPictures<Picture extends { readonly label: string }>(
  asked: Picture,
  neighbours: readonly Neighbour[],
  images: readonly Picture[],
): (Picture & Pick<FoundImage, 'isRight' | 'distance'>)[] {
  return neighbours.map(({ row, distance }) => {
    const image = images[row]!
    return { ...image, isRight: image.label === asked.label, distance }
  })
}

/** @param images of the rows. */
export function trainedExample(
  { query, backbone, exported }: TestExample,
  images: readonly LabelledImage[],
): TrainedExample {
  const asked = images[query]!
  const found = (neighbours: readonly Neighbour[]) => foundPictures(asked, neighbours, images)
  return { asked, backbone: found(backbone), exported: exported === null ? null : found(exported) }
}
