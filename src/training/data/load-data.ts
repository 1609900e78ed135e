import { bundleFolder } from '../../adapters/models-folder/bundle-folder.ts'
import { type ReadBundle, readBundle } from '../../adapters/models-folder/read-bundle.ts'
import { numberClasses } from '../../evaluation/class-numbers.ts'
import type { InnerFeatures } from '../../learning/learn-embedding.ts'
import {
  checkDimensions,
  checkRecipe,
  checkViews,
  checkViewsHeld,
  type TrainingRecipe,
} from '../../learning/recipe.ts'
import { checkSplittable, type GivenPart } from '../../learning/split-classes.ts'
import { trainingInvalid } from '../../learning/training-invalid.ts'
import type { RowMatrix } from '../../vector/row-matrix.ts'
import type { TrainingConfig, TrainingContext } from '../context.ts'
import { backboneFeatures } from './backbone-features.ts'
import { innerBundle, leadingFeatures } from './inner-bundle.ts'
import type { LabelledImage } from './labelled-images.ts'
import { leftOutLines } from './left-out-file.ts'
import type { RefusedFile } from './refused-file.ts'
import {
  type ImageSource,
  imageReader,
  listImages,
  type TrainingSource,
  type VectorSource,
} from './source.ts'

export interface TrainingData {
  readonly backbone: ReadBundle
  /** Unit rows. */
  readonly features: RowMatrix
  /** The same rows in other views. */
  readonly otherViews: readonly RowMatrix[]
  /** The same with inner maps beside them; null where they are not wanted, or not to be had. */
  readonly inner: InnerFeatures | null
  /** The label of each row. */
  readonly labels: readonly string[]
  /** The part that each row was given, or null where parts are to be drawn. */
  readonly parts: readonly GivenPart[] | null
  /** The image of each row; null where there are none. */
  readonly images: readonly LabelledImage[] | null
  readonly refused: readonly RefusedFile[]
}

/**
 * Loads what is learnt from, with its features, after all checks that need none.
 * @throws TRAINING_INVALID, CANCELLED, and what reading images and models throws.
 */
export async function loadTrainingData(
  source: TrainingSource,
  recipe: TrainingRecipe,
  config: TrainingConfig,
  context: TrainingContext,
): Promise<TrainingData> {
  const backbone = await readBundle(bundleFolder(config, config.model))
  const { dimensions } = backbone.bundle.output
  checkDimensions(recipe.dimensions, dimensions, config.model)
  checkRecipe(recipe)
  const data =
    source.kind === 'vectors'
      ? vectorFeatures(source, recipe.views, dimensions, config.model)
      : await imageFeatures(source, recipe, backbone, config, context)
  const { names, sizes } = numberClasses(data.labels)
  const alone = names.filter((_, number) => sizes[number] === 1)
  if (alone.length > 0) {
    context.onNote(`left out classes of one image, which have no pair: ${alone.join(', ')}`)
  }
  return { backbone, ...data }
}

type Features = Omit<TrainingData, 'backbone'>

/** Views of all images together that are held with inner maps: some 20 KB each. */
const MOST_INNER = 50_000
const NO_INNER_MAPS = `the model has no inner maps that are found, a service trains, or there are more than ${MOST_INNER} views`

function vectorFeatures(
  { labels, vectors }: VectorSource,
  views: number,
  dimensions: number,
  model: string,
): Features {
  if (vectors.dimensions !== dimensions) {
    const wanted = `vectors of the ${dimensions} dimensions of ${model}`
    throw trainingInvalid(wanted, vectors.dimensions)
  }
  checkViews(views)
  checkSplittable(numberClasses(labels).sizes)
  const none = { otherViews: [], inner: null, parts: null, images: null, refused: [] }
  return { features: vectors, labels, ...none }
}

async function imageFeatures(
  source: ImageSource,
  { views, starts, head, learners }: TrainingRecipe,
  backbone: ReadBundle,
  config: TrainingConfig,
  context: TrainingContext,
): Promise<Features> {
  const found = await listImages(source)
  if (found.unlabelled > 0) {
    context.onNote(`left out images that lie in no class folder: ${found.unlabelled}`)
  }
  for (const line of leftOutLines(found.leftOut)) context.onNote(line)
  // Before the embedding, which may take hours.
  checkViewsHeld(views, found.images.length)
  checkSplittable(numberClasses(found.images.map(({ label }) => label)).sizes)
  const wantsInner = head.kind === 'linear' && learners === null && starts.includes('inner')
  // A service embeds by the models that it has open, behind its searches.
  const mayHold = context.embed === undefined && views * found.images.length <= MOST_INNER
  const wide = wantsInner && mayHold ? innerBundle(backbone) : null
  if (wantsInner && wide === null) context.onNote(`no head is started as inner: ${NO_INNER_MAPS}`)
  const read = imageReader(source, config.maxBodyBytes)
  const options = { ...context, read, ...(wide && { model: wide }) }
  const { bundle } = wide ?? backbone
  const embedded = await backboneFeatures(source.path, found.images, views, bundle, config, options)
  const { images, refused, known, damaged } = embedded
  const { dimensions } = backbone.bundle.output
  const plain = (rows: RowMatrix) => (wide === null ? rows : leadingFeatures(rows, dimensions))
  if (damaged !== null) {
    context.onNote(`part of the cache of features cannot be used and is made anew: ${damaged}`)
  }
  context.onNote(`features of ${images.length} images, ${known} of them from the cache`)
  const splits = images.map(({ split }) => split)
  return {
    images,
    features: plain(embedded.features),
    otherViews: embedded.otherViews.map(plain),
    inner: wide && embedded,
    refused: [...found.refused, ...refused],
    labels: images.map(({ label }) => label),
    parts: splits.includes(null) ? null : (splits as GivenPart[]),
  }
}
