import { availableParallelism } from 'node:os'
import { readImageFile } from '../../adapters/image-files.ts'
import { bundleFolder } from '../../adapters/models-folder/bundle-folder.ts'
import { type ReadBundle, readDescription } from '../../adapters/models-folder/read-bundle.ts'
import { openOnnxEmbedder } from '../../adapters/onnxruntime/onnx-embedder.ts'
import { createSharpImageDecoder } from '../../adapters/sharp-image-decoder.ts'
import type { Config } from '../../config/config.ts'
import type { Embedder } from '../../embedding/embedder.ts'
import { ImageEmbedder } from '../../embedding/image-embedder.ts'
import type { ImageView } from '../../image/image-decoder.ts'
import { ImageScheduler } from '../../scheduling/image-scheduler.ts'
import { mapBounded } from '../../scheduling/map-bounded.ts'
import { packRows } from '../../vector/row-matrix.ts'
import { toStoredVector } from '../../vector/stored-vector.ts'
import type { ImageCounts } from './image-counts.ts'
import { type RefusedFile, refusalOf } from './refused-file.ts'

export interface ImageFile {
  readonly id: string
  readonly path: string
}

/** The settings that opening a model and reading images need. */
export type ModelConfig = Pick<
  Config,
  'modelsFolder' | 'shippedModels' | 'model' | 'provider' | 'maxPixels' | 'maxBodyBytes'
>

/** Shows how far the embedding is. */
export interface EmbeddingProgress {
  update(counts: ImageCounts): void
  stop(): void
}

/** Embeds a view of an image, or the plain one (null), as a unit vector. @throws what decoding and embedding throw. */
export type EmbedImage = (
  bytes: Uint8Array,
  view: ImageView | null,
  signal?: AbortSignal,
) => Promise<Float32Array>

export type ReadImage = (path: string) => Promise<Uint8Array>

export interface EmbeddingOptions {
  /** Called with the number of images; of a training, once for each view. */
  readonly startProgress: (total: number) => EmbeddingProgress
  readonly signal?: AbortSignal
  /** Embeds an image; without it the configured model is opened for this. */
  readonly embed?: EmbedImage
  /** Reads a file; without it, one of at most the configured size. */
  readonly read?: ReadImage
  /** Gives the view of an image that is embedded; without it, the plain image. */
  readonly viewOf?: (id: string) => ImageView
  /** Throws for an embedding that the image is refused for. */
  readonly check?: (vector: Float32Array) => void
  /** A model that is opened in the place of the configured one. */
  readonly model?: ReadBundle
}

const IMAGES_AT_ONCE = 8

/**
 * Embeds image files with the configured model, without a data folder.
 * @returns the images in the order given, the refused ones left out, and a unit vector for each.
 * @throws as embedEach.
 */
export async function embedWithModel<Image extends ImageFile>(
  images: readonly Image[],
  config: ModelConfig,
  options: EmbeddingOptions,
) {
  const vectors = new Map<Image, Float32Array>()
  const { output } = await readDescription(bundleFolder(config, config.model))
  const refused = await embedEach(images, config, options, async (image, vector) => {
    vectors.set(image, vector)
  })
  const embedded = images.filter((image) => vectors.has(image))
  const rows = embedded.map((image) => vectors.get(image)!)
  return { embedded, vectors: packRows(rows, output.dimensions), refused }
}

/**
 * Embeds image files.
 * @param visit gets each image with its unit vector, some at a time and in no order.
 * @throws MODEL_NOT_FOUND, MODEL_INVALID, PROVIDER_UNAVAILABLE, CANCELLED; the first error that is
 * no refusal of an image, and what `visit` throws.
 */
export async function embedEach<Image extends ImageFile>(
  images: readonly Image[],
  config: ModelConfig,
  options: EmbeddingOptions,
  visit: (image: Image, vector: Float32Array) => Promise<void>,
): Promise<readonly RefusedFile[]> {
  const { maxBodyBytes } = config
  const { signal, read = (path) => readImageFile(path, maxBodyBytes), viewOf } = options
  const model = options.embed
    ? { embed: options.embed, close() {} }
    : await openModel(config, options.model)
  const progress = options.startProgress(images.length)
  try {
    const counts = { embedded: 0, refused: 0 }
    const embedOne = async ({ id, path }: Image) => {
      try {
        const vector = await model.embed(await read(path), viewOf?.(id) ?? null, signal)
        options.check?.(vector)
        return vector
      } catch (error) {
        return refusalOf(id, error)
      }
    }
    const results = await mapBounded(images, IMAGES_AT_ONCE, async (image) => {
      const result = await embedOne(image)
      const isVector = result instanceof Float32Array
      if (isVector) await visit(image, result)
      counts[isVector ? 'embedded' : 'refused']++
      progress.update(counts)
      return isVector ? null : result
    })
    return results.filter((refusal) => refusal !== null)
  } finally {
    progress.stop()
    await model.close()
  }
}

/** Opens the configured model with a decoder of its own. */
async function openModel(config: ModelConfig, bundle?: ReadBundle) {
  const folder = bundleFolder(config, config.model)
  const { provider } = config
  const embedder = await openOnnxEmbedder({ folder, provider, ...(bundle && { bundle }) })
  const decoder = createSharpImageDecoder({ maxPixels: config.maxPixels })
  const clock = () => performance.now()
  const scheduler = new ImageScheduler({ clock, processors: availableParallelism() })
  return {
    embed: unitEmbedding(new ImageEmbedder({ decoder, scheduler, clock }), embedder),
    async close() {
      await decoder.close()
      await embedder.close()
    },
  }
}

/** Makes what embeds images as unit vectors, behind the searches that share `images`. */
export function unitEmbedding(images: ImageEmbedder, embedder: Embedder): EmbedImage {
  return async (bytes, view, signal) => {
    const options = { priority: 'bulk', view: view ?? undefined } as const
    const { vector } = await images.embed(bytes, embedder, options, signal)
    return toStoredVector(vector, embedder.dimensions, 'cosine')
  }
}
