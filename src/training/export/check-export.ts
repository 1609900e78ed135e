import { bundleFolder } from '../../adapters/models-folder/bundle-folder.ts'
import { openOnnxEmbedder } from '../../adapters/onnxruntime/onnx-embedder.ts'
import { createSharpImageDecoder } from '../../adapters/sharp-image-decoder.ts'
import { AppError } from '../../errors.ts'
import type { PreprocessSpec } from '../../image/image-decoder.ts'
import { type FeatureTransform, transformRows } from '../../learning/feature-transform.ts'
import { seededRandom } from '../../vector/random.ts'
import { type RowMatrix, rowOf } from '../../vector/row-matrix.ts'
import { toStoredVector } from '../../vector/stored-vector.ts'
import type { TrainingConfig } from '../context.ts'
import type { ReadImage } from '../data/embed-files.ts'

/** Image files and their features by the backbone. */
interface FileImages {
  readonly paths: readonly string[]
  readonly read: ReadImage
  readonly features: RowMatrix
  /** The same with inner maps beside them, where there are. */
  readonly inner: RowMatrix | null
}

const MOST_DIFFERENCE = 1e-4
const DRAWN_IMAGES = 4

interface CheckedImage {
  readonly name: string
  readonly pixels: Uint8Array
  readonly wanted: Float32Array
}

/**
 * Opens a bundle as the service would, and embeds a few images one by one and two at a time.
 * @param images of files; null for pixels drawn by chance.
 * @param transform gives the wanted vectors, from the features by the backbone.
 * @throws EXPORT_DIFFERS when a number differs by more than 1e-4; what opening a bundle throws.
 */
export async function checkExport(
  folder: string,
  images: FileImages | null,
  transform: FeatureTransform,
  config: TrainingConfig,
): Promise<void> {
  const { provider } = config
  // Two that are requested at once are one batch.
  const embedder = await openOnnxEmbedder({ folder, provider, maxBatch: 2 })
  try {
    const checked =
      images === null
        ? await drawnImages(transform, config)
        : await decodedImages(images, transform, embedder.preprocess, config)
    for (const { name, pixels, wanted } of checked) {
      compare(await embedder.embed(pixels), wanted, `${name} alone`)
    }
    const two = checked.slice(0, 2)
    const both = await Promise.all(two.map(({ pixels }) => embedder.embed(pixels)))
    for (const [i, { name, wanted }] of two.entries()) {
      compare(both[i]!, wanted, `${name} in a batch`)
    }
  } finally {
    await embedder.close()
  }
}

async function decodedImages(
  { paths, read, features, inner }: FileImages,
  transform: FeatureTransform,
  preprocess: PreprocessSpec,
  { maxPixels }: TrainingConfig,
): Promise<readonly CheckedImage[]> {
  const decoder = createSharpImageDecoder({ maxPixels })
  const wanted = transformRows(features, transform, inner)
  try {
    const checked: CheckedImage[] = []
    for (const [row, name] of paths.entries()) {
      const { pixels } = await decoder.decode(await read(name), preprocess)
      checked.push({ name, pixels, wanted: rowOf(wanted, row) })
    }
    return checked
  } finally {
    await decoder.close()
  }
}

/** Draws pixels; the backbone embeds them, and the transform changes them as training would. */
async function drawnImages(
  transform: FeatureTransform,
  config: TrainingConfig,
): Promise<readonly CheckedImage[]> {
  const folder = bundleFolder(config, config.model)
  const backbone = await openOnnxEmbedder({ folder, provider: config.provider })
  try {
    const { dimensions } = backbone
    const { width, height } = backbone.preprocess
    const random = seededRandom(1)
    const checked: CheckedImage[] = []
    for (let i = 1; i <= DRAWN_IMAGES; i++) {
      const pixels = new Uint8Array(width * height * 3).map(() => Math.floor(random() * 256))
      const values = toStoredVector(await backbone.embed(pixels), dimensions, 'cosine')
      const wanted = rowOf(transformRows({ values, count: 1, dimensions }, transform), 0)
      checked.push({ name: `drawn picture ${i}`, pixels, wanted })
    }
    return checked
  } finally {
    await backbone.close()
  }
}

function compare(got: Float32Array, wanted: Float32Array, what: string): void {
  if (got.length !== wanted.length) {
    throw differs(`${wanted.length} numbers for ${what}, got ${got.length}`)
  }
  const difference = got.reduce((most, value, i) => Math.max(most, Math.abs(value - wanted[i]!)), 0)
  if (difference <= MOST_DIFFERENCE) return
  const limit = `within ${MOST_DIFFERENCE} of the training's`
  throw differs(`the vector of ${what} ${limit}, got a difference of ${difference}`)
}

function differs(expected: string): AppError {
  return new AppError('EXPORT_DIFFERS', `the exported model: expected ${expected}`)
}
