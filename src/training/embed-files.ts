import { join } from 'node:path'
import { readImageFile } from '../adapters/image-files.ts'
import { openOnnxEmbedder } from '../adapters/onnxruntime/onnx-embedder.ts'
import { createSharpImageDecoder } from '../adapters/sharp-image-decoder.ts'
import { ImageEmbedding } from '../collection/image-embedding.ts'
import { mapBounded } from '../collection/map-bounded.ts'
import type { Config } from '../config.ts'
import { RightOfWay } from '../image/right-of-way.ts'
import { packRows, type RowMatrix } from '../vector/row-matrix.ts'
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

export interface EmbeddingOptions {
  /** Called once, with the number of images. */
  readonly startProgress: (total: number) => EmbeddingProgress
  readonly signal?: AbortSignal
}

const IMAGES_AT_ONCE = 8

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
  const { refused, dimensions } = await embedEach(
    images,
    config,
    options,
    async (image, vector) => {
      vectors.set(image, vector)
    },
  )
  const embedded = images.filter((image) => vectors.has(image))
  const rows = embedded.map((image) => vectors.get(image)!)
  return { embedded, vectors: packRows(rows, dimensions), refused }
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
  { startProgress, signal }: EmbeddingOptions,
  visit: (image: Image, vector: Float32Array) => Promise<void>,
): Promise<{ readonly refused: readonly RefusedFile[]; readonly dimensions: number }> {
  const folder = join(config.modelsFolder, config.model)
  const embedder = await openOnnxEmbedder({ folder, provider: config.provider })
  const decoder = createSharpImageDecoder({ maxPixels: config.maxPixels })
  const progress = startProgress(images.length)
  try {
    const clock = () => performance.now()
    const rightOfWay = new RightOfWay({ clock })
    const parts = { decoder, embedder, clock, rightOfWay, metric: 'cosine' } as const
    const embedding = new ImageEmbedding(parts)
    const counts = { added: 0, skipped: 0, refused: 0 }
    const embed = async ({ id, path }: Image) => {
      try {
        const bytes = await readImageFile(path, config.maxBodyBytes)
        return await embedding.embed(
          bytes,
          { thumbnail: false, fingerprint: false, priority: 'bulk' },
          signal,
        )
      } catch (error) {
        return refusalOf(id, error)
      }
    }
    const results = await mapBounded(images, IMAGES_AT_ONCE, async (image) => {
      const result = await embed(image)
      if ('vector' in result) await visit(image, result.vector)
      counts['vector' in result ? 'added' : 'refused']++
      progress.update(counts)
      return 'vector' in result ? null : result
    })
    const refused = results.filter((refusal) => refusal !== null)
    return { refused, dimensions: embedder.dimensions }
  } finally {
    progress.stop()
    await decoder.close()
    await embedder.close()
  }
}
