import type { Neighbour } from '../../evaluation/example-queries.ts'
import type { TestExample } from '../../learning/choice/test-classes.ts'
import type { LabelledImage } from '../data/labelled-images.ts'

/** A test image and the images that were nearest to it. */
export interface ExampleImages {
  readonly query: LabelledImage
  readonly backbone: readonly FoundImage[]
  /** The nearest by what was exported; null where that is the backbone. */
  readonly exported: readonly FoundImage[] | null
}

interface FoundImage extends LabelledImage {
  readonly isRight: boolean
  /** Euclidean, of unit vectors. */
  readonly distance: number
}

/** Gives the images of the rows that were found for a query. @param images of the rows. */
export function foundImages(
  query: LabelledImage,
  neighbours: readonly Neighbour[],
  images: readonly LabelledImage[],
): FoundImage[] {
  return neighbours.map(({ row, distance }) => {
    const image = images[row]!
    return { ...image, isRight: image.label === query.label, distance }
  })
}

/** Gives the images of an example. @param images of the rows. */
export function exampleImages(
  { query: row, backbone, exported }: TestExample,
  images: readonly LabelledImage[],
): ExampleImages {
  const query = images[row]!
  const found = (neighbours: readonly Neighbour[]) => foundImages(query, neighbours, images)
  return { query, backbone: found(backbone), exported: exported === null ? null : found(exported) }
}
