import { bundleFolder } from '../../adapters/models-folder/bundle-folder.ts'
import { type ReadBundle, readBundle } from '../../adapters/models-folder/read-bundle.ts'
import { AppError } from '../../errors.ts'
import { numberClasses } from '../../evaluation/class-numbers.ts'
import type { InnerFeatures } from '../../learning/learn-embedding.ts'
import {
  checkDimensions,
  checkOtherStart,
  checkRecipe,
  checkViews,
  checkViewsHeld,
  NO_INNER_MAPS,
  type TrainingRecipe,
} from '../../learning/recipe.ts'
import { checkSplittable, type GivenPart } from '../../learning/split-classes.ts'
import { trainingInvalid } from '../../learning/training-invalid.ts'
import type { RowMatrix } from '../../vector/row-matrix.ts'
import type { TrainingConfig, TrainingContext } from '../context.ts'
import { backboneFeatures } from './backbone-features.ts'
import { checkLeading, innerBundle, leadingFeatures } from './inner-bundle.ts'
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
      ? vectorFeatures(source, recipe, backbone, context)
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

function vectorFeatures(
  { labels, vectors }: VectorSource,
  recipe: TrainingRecipe,
  { bundle }: ReadBundle,
  { onNote }: TrainingContext,
): Features {
  const { dimensions } = bundle.output
  if (vectors.dimensions !== dimensions) {
    const wanted = `vectors of the ${dimensions} dimensions of ${bundle.name}`
    throw trainingInvalid(wanted, vectors.dimensions)
  }
  checkViews(recipe.views)
  if (wantsInner(recipe)) goOnWithoutInner(recipe, NO_INNER_MAPS.vectors, onNote)
  checkSplittable(numberClasses(labels).sizes)
  const none = { otherViews: [], inner: null, parts: null, images: null, refused: [] }
  return { features: vectors, labels, ...none }
}

async function imageFeatures(
  source: ImageSource,
  recipe: TrainingRecipe,
  backbone: ReadBundle,
  config: TrainingConfig,
  context: TrainingContext,
): Promise<Features> {
  const { views } = recipe
  const found = await listImages(source)
  if (found.unlabelled > 0) {
    context.onNote(`left out images that lie in no class folder: ${found.unlabelled}`)
  }
  for (const line of leftOutLines(found.leftOut)) context.onNote(line)
  // Before the embedding, which may take hours.
  checkViewsHeld(views, found.images.length)
  checkSplittable(numberClasses(found.images.map(({ label }) => label)).sizes)
  const read = imageReader(source, config.maxBodyBytes)
  const { dimensions } = backbone.bundle.output
  const featuresBy = async ({ bundle }: ReadBundle, model?: ReadBundle) => {
    const check = (vector: Float32Array) => checkLeading(vector, dimensions)
    const options = { ...context, read, ...(model && { model, check }) }
    return await backboneFeatures(source.path, found.images, views, bundle, config, options)
  }
  const without = (why: string) => goOnWithoutInner(recipe, why, context.onNote)
  const wide = wantsInner(recipe)
    ? wideBundle(backbone, views * found.images.length, context, without)
    : null
  const embeddedWide = wide && (await unlessInvalid(() => featuresBy(wide, wide), without))
  const embedded = embeddedWide ?? (await featuresBy(backbone))
  const { images, refused, known, damaged } = embedded
  const plain = (rows: RowMatrix) => (embeddedWide ? leadingFeatures(rows, dimensions) : rows)
  if (damaged !== null) {
    context.onNote(`part of the cache of features cannot be used and is made anew: ${damaged}`)
  }
  context.onNote(`features of ${images.length} images, ${known} of them from the cache`)
  const splits = images.map(({ split }) => split)
  return {
    images,
    features: plain(embedded.features),
    otherViews: embedded.otherViews.map(plain),
    inner: embeddedWide,
    refused: [...found.refused, ...refused],
    labels: images.map(({ label }) => label),
    parts: splits.includes(null) ? null : (splits as GivenPart[]),
  }
}

/** Tells whether a head is to start from inner maps. */
function wantsInner({ head, learners, starts }: TrainingRecipe): boolean {
  return head.kind === 'linear' && learners === null && starts.includes('inner')
}

/** Says why no head starts from inner maps. @throws TRAINING_INVALID where that is the only start. */
function goOnWithoutInner(
  recipe: TrainingRecipe,
  why: string,
  onNote: TrainingContext['onNote'],
): void {
  checkOtherStart(recipe, why)
  onNote(`no head is started as inner: ${why}`)
}

/** Gives the model with its inner maps; null, with the reason, where they are not to be had. */
function wideBundle(
  backbone: ReadBundle,
  views: number,
  { embed }: TrainingContext,
  without: (why: string) => void,
): ReadBundle | null {
  const wide = embed === undefined && views <= MOST_INNER ? innerBundle(backbone) : null
  if (embed !== undefined) without(NO_INNER_MAPS.service)
  else if (views > MOST_INNER)
    without(`there are ${views} views of images, of at most ${MOST_INNER}`)
  else if (wide === null) without(`${backbone.bundle.name} has none that are found`)
  return wide
}

/** Gives null, with the reason, where a model with its inner maps cannot be opened. */
async function unlessInvalid<T>(
  work: () => Promise<T>,
  without: (why: string) => void,
): Promise<T | null> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'MODEL_INVALID') throw error
    without(error.message)
    return null
  }
}
