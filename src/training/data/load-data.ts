import { join } from 'node:path'
import { type ReadBundle, readBundle } from '../../adapters/models-folder/read-bundle.ts'
import { AppError } from '../../errors.ts'
import { numberClasses } from '../../evaluation/class-numbers.ts'
import { checkRecipe, type TrainingRecipe } from '../../learning/recipe.ts'
import { checkSplittable, type GivenPart } from '../../learning/split-classes.ts'
import type { RowMatrix } from '../../vector/row-matrix.ts'
import type { TrainingConfig } from '../context.ts'
import type { TrainSurroundings } from '../run/train-model.ts'
import { type BackboneFeatures, backboneFeatures } from './backbone-features.ts'
import type { LabelledImage } from './labelled-images.ts'
import type { RefusedFile } from './refused-file.ts'
import { listPictures, type PictureSource, pictureReader, type TrainingSource } from './source.ts'

export interface TrainingData {
  readonly backbone: ReadBundle
  /** Unit rows. */
  readonly features: RowMatrix
  /** Of the rows. */
  readonly labels: readonly string[]
  /** The part that each row was given, or null where parts are to be drawn. */
  readonly parts: readonly GivenPart[] | null
  /** Of the rows; null where there are no pictures. */
  readonly images: readonly LabelledImage[] | null
  readonly refused: readonly RefusedFile[]
}

/**
 * What is learnt from, with its features, after all checks that need none.
 * @throws TRAINING_INVALID, CANCELLED, and what reading images and models throws.
 */
export async function trainingData(
  source: TrainingSource,
  recipe: TrainingRecipe,
  config: TrainingConfig,
  around: TrainSurroundings,
): Promise<TrainingData> {
  const backbone = await readBundle(join(config.modelsFolder, config.model))
  const { dimensions } = backbone.bundle.output
  if (recipe.dimensions > dimensions) {
    throw new AppError(
      'TRAINING_INVALID',
      `expected at most the ${dimensions} dimensions of ${config.model}, got ${recipe.dimensions}`,
    )
  }
  checkRecipe(recipe)
  const data =
    source.kind === 'vectors'
      ? knownFeatures(source, dimensions, config.model)
      : await pictureFeatures(source, backbone, config, around)
  tellAlone(data.labels, around.say)
  return { backbone, ...data }
}

type Features = Omit<TrainingData, 'backbone'>

function knownFeatures(
  { labels, vectors }: Extract<TrainingSource, { readonly kind: 'vectors' }>,
  dimensions: number,
  model: string,
): Features {
  if (vectors.dimensions !== dimensions) {
    throw new AppError(
      'TRAINING_INVALID',
      `expected vectors of the ${dimensions} dimensions of ${model}, got ${vectors.dimensions}`,
    )
  }
  checkSplittable(numberClasses(labels).sizes)
  return { features: vectors, labels, parts: null, images: null, refused: [] }
}

async function pictureFeatures(
  source: PictureSource,
  { bundle }: ReadBundle,
  config: TrainingConfig,
  around: TrainSurroundings,
): Promise<Features> {
  const found = await listPictures(source)
  if (found.unlabelled > 0) {
    around.say(`left out images that lie in no class folder: ${found.unlabelled}`)
  }
  // Before the embedding, which may take hours.
  checkSplittable(numberClasses(found.images.map(({ label }) => label)).sizes)
  const read = pictureReader(source, config.maxBodyBytes)
  const { startProgress, embed, signal } = around
  const data = await backboneFeatures(source.path, found.images, bundle, config, {
    ...{ startProgress, signal, read },
    ...(embed === undefined ? {} : { embed }),
  })
  tellFeatures(data, around.say)
  const { images, features } = data
  return {
    ...{ images, features, refused: [...found.refused, ...data.refused] },
    labels: images.map(({ label }) => label),
    parts: images.some(({ split }) => split === null)
      ? null
      : images.map(({ split }) => split as GivenPart),
  }
}

function tellFeatures(
  { known, damaged, images }: BackboneFeatures<LabelledImage>,
  say: (line: string) => void,
): void {
  if (damaged !== null)
    say(`part of the cache of features cannot be used and is made anew: ${damaged}`)
  say(`features of ${images.length} images, ${known} of them from the cache`)
}

function tellAlone(labels: readonly string[], say: (line: string) => void): void {
  const { names, sizes } = numberClasses(labels)
  const alone = names.filter((_, number) => sizes[number] === 1)
  if (alone.length > 0) {
    say(`left out classes of one image, which have no pair: ${alone.join(', ')}`)
  }
}
