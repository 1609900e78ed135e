import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { readImageFile } from '../../adapters/image-files.ts'
import { readDescription } from '../../adapters/models-folder/read-bundle.ts'
import { openOnnxEmbedder } from '../../adapters/onnxruntime/onnx-embedder.ts'
import { createSharpImageDecoder } from '../../adapters/sharp-image-decoder.ts'
import type { Config } from '../../config/config.ts'
import { ImageEmbedder } from '../../embedding/image-embedder.ts'
import { ImageScheduler } from '../../scheduling/image-scheduler.ts'
import { mapBounded } from '../../scheduling/map-bounded.ts'
import { packRows, type RowMatrix } from '../../vector/row-matrix.ts'
import { toStoredVector } from '../../vector/stored-vector.ts'
import { type RefusedFile, refusalOf } from './refused-file.ts'

interface ImageFile {
  readonly id: string
  readonly path: string
}

export interface EmbeddedFiles<Image> {
  /** In the order given, the refused ones left out. */
  readonly embedded: readonly Image[]
  /** A unit vector for each, in the same order. */
  readonly vectors: RowMatrix
  readonly refused: readonly RefusedFile[]
}

type ModelConfig = Pick<
  Config,
  'modelsFolder' | 'model' | 'provider' | 'maxPixels' | 'maxBodyBytes'
>

/** Shows how far the embedding is. */
export interface EmbeddingProgress {
  update(counts: {
    readonly added: number
    readonly skipped: number
    readonly refused: number
  }): void
  stop(): void
}

/** From the bytes of an image file to a unit vector. @throws what decoding and embedding throw. */
export type EmbedPicture = (bytes: Uint8Array, signal?: AbortSignal) => Promise<Float32Array>

export interface EmbeddingOptions {
  /** Called once, with the number of images. */
  readonly startProgress: (total: number) => EmbeddingProgress
  readonly signal?: AbortSignal
  /** The configured model, opened for this, unless given. */
  readonly embed?: EmbedPicture
  /** Reads a file of at most the configured size, unless given. */
  readonly read?: ReadPicture
}

export type ReadPicture = (path: string) => Promise<Uint8Array>

const IMAGES_AT_ONCE = 8

/** A model and a decoder of its own. */
interface PictureEmbedder {
  readonly embed: EmbedPicture
  close(): Promise<void>
}

/**
 * Embeds image files with the configured model, without a data folder.
 * @throws as embedEach.
 */
export async function embedWithModel<Image extends ImageFile>(
  images: readonly Image[],
  config: ModelConfig,
  options: EmbeddingOptions,
): Promise<EmbeddedFiles<Image>> {
  const vectors = new Map<Image, Float32Array>()
  const { output } = await readDescription(join(config.modelsFolder, config.model))
  const refused = await embedEach(images, config, options, async (image, vector) => {
    vectors.set(image, vector)
  })
  const embedded = images.filter((image) => vectors.has(image))
  const rows = embedded.map((image) => vectors.get(image)!)
  return { embedded, vectors: packRows(rows, output.dimensions), refused }
}

/**
 * The same, one by one.
 * @param visit gets each image with its unit vector, some at a time and in no order.
 * @throws MODEL_NOT_FOUND, MODEL_INVALID, PROVIDER_UNAVAILABLE, CANCELLED; the first error that is no refusal
 * of an image, and what `visit` throws.
 */
export async function embedEach<Image extends ImageFile>(
  images: readonly Image[],
  config: ModelConfig,
  options: EmbeddingOptions,
  visit: (image: Image, vector: Float32Array) => Promise<void>,
): Promise<readonly RefusedFile[]> {
  const { startProgress, signal, read = readWith(config) } = options
  const model =
    options.embed === undefined
      ? await openEmbedder(config)
      : { embed: options.embed, async close() {} }
  const progress = startProgress(images.length)
  try {
    const counts = { added: 0, skipped: 0, refused: 0 }
    const embed = async ({ id, path }: Image) => {
      try {
        return await model.embed(await read(path), signal)
      } catch (error) {
        return refusalOf(id, error)
      }
    }
    const results = await mapBounded(images, IMAGES_AT_ONCE, async (image) => {
      const result = await embed(image)
      const isVector = result instanceof Float32Array
      if (isVector) await visit(image, result)
      counts[isVector ? 'added' : 'refused']++
      progress.update(counts)
      return isVector ? null : result
    })
    return results.filter((refusal) => refusal !== null)
  } finally {
    progress.stop()
    await model.close()
  }
}

function readWith({ maxBodyBytes }: ModelConfig): ReadPicture {
  return (path) => readImageFile(path, maxBodyBytes)
}

async function openEmbedder(config: ModelConfig): Promise<PictureEmbedder> {
  const folder = join(config.modelsFolder, config.model)
  const embedder = await openOnnxEmbedder({ folder, provider: config.provider })
  const decoder = createSharpImageDecoder({ maxPixels: config.maxPixels })
  const clock = () => performance.now()
  const scheduler = new ImageScheduler({ clock, processors: availableParallelism() })
  const images = new ImageEmbedder({ decoder, scheduler, clock })
  return {
    async embed(bytes, signal) {
      const { vector } = await images.embed(bytes, embedder, { priority: 'bulk' }, signal)
      return toStoredVector(vector, embedder.dimensions, 'cosine')
    },
    async close() {
      await decoder.close()
      await embedder.close()
    },
  }
}
