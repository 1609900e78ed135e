import { join } from 'node:path'
import { readBundle } from '../adapters/onnxruntime/read-bundle.ts'
import type { Config } from '../config.ts'
import { AppError } from '../errors.ts'
import { numberClasses } from '../evaluation/class-numbers.ts'
import { checkSplittable } from '../learning/split-classes.ts'
import { checkRecipe, type TrainingRecipe } from '../learning/training-recipe.ts'
import { type BackboneFeatures, backboneFeatures } from './backbone-features.ts'
import { type LabelledImage, listLabelledImages } from './labelled-images.ts'
import type { RefusedFile } from './refused-file.ts'
import type { TrainSurroundings } from './train-folder.ts'

interface TrainingData {
  readonly backbone: Awaited<ReturnType<typeof readBundle>>
  readonly data: BackboneFeatures<LabelledImage>
  readonly refused: readonly RefusedFile[]
}

/**
 * The images of a folder with their features, after all checks that need none.
 * @throws TRAINING_INVALID, CANCELLED, and what reading images and models throws.
 */
export async function trainingData(
  folder: string,
  recipe: TrainingRecipe,
  config: Config,
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
  const found = await listLabelledImages(folder, null)
  if (found.unlabelled > 0) {
    around.say(`left out images that lie in no class folder of ${folder}: ${found.unlabelled}`)
  }
  // Before the embedding, which may take hours.
  checkSplittable(numberClasses(found.images.map(({ label }) => label)).sizes)
  const data = await backboneFeatures(folder, found.images, backbone.bundle, config, around)
  tellFeatures(data, around.say)
  return { backbone, data, refused: [...found.refused, ...data.refused] }
}

function tellFeatures(
  { known, damaged, images }: BackboneFeatures<LabelledImage>,
  say: (line: string) => void,
): void {
  if (damaged !== null)
    say(`part of the cache of features cannot be used and is made anew: ${damaged}`)
  say(`features of ${images.length} images, ${known} of them from the cache`)
  const { names, sizes } = numberClasses(images.map(({ label }) => label))
  const alone = names.filter((_, number) => sizes[number] === 1)
  if (alone.length > 0) {
    say(`left out classes of one image, which have no pair: ${alone.join(', ')}`)
  }
}
