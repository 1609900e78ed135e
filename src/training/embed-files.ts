import { join } from 'node:path'
import { readImageFile } from '../adapters/image-files.ts'
import { openOnnxEmbedder } from '../adapters/onnxruntime/onnx-embedder.ts'
import { createSharpImageDecoder } from '../adapters/sharp-image-decoder.ts'
import { ImageEmbedding } from '../collection/image-embedding.ts'
import { mapBounded } from '../collection/map-bounded.ts'
import type { Config } from '../config.ts'
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
 * @throws MODEL_NOT_FOUND, MODEL_INVALID, PROVIDER_UNAVAILABLE, CANCELLED; the first error that is no refusal
 * of an image.
 */
export async function embedWithModel<Image extends ImageFile>(
  images: readonly Image[],
  config: Pick<Config, 'modelsFolder' | 'model' | 'provider' | 'maxPixels' | 'maxBodyBytes'>,
  { startProgress, signal }: EmbeddingOptions,
): Promise<EmbeddedFiles<Image>> {
  const folder = join(config.modelsFolder, config.model)
  const embedder = await openOnnxEmbedder({ folder, provider: config.provider })
  const decoder = createSharpImageDecoder({ maxPixels: config.maxPixels })
  const progress = startProgress(images.length)
  try {
    const embedding = new ImageEmbedding(decoder, embedder, 'cosine', () => performance.now())
    const counts = { added: 0, skipped: 0, refused: 0 }
    const results = await mapBounded(images, IMAGES_AT_ONCE, async ({ id, path }) => {
      try {
        const bytes = await readImageFile(path, config.maxBodyBytes)
        const { vector } = await embedding.embed(
          bytes,
          { thumbnail: false, fingerprint: false, priority: 'bulk' },
          signal,
        )
        counts.added++
        progress.update(counts)
        return vector
      } catch (error) {
        const refusal = refusalOf(id, error)
        counts.refused++
        progress.update(counts)
        return refusal
      }
    })
    const done = results.map((result) => result instanceof Float32Array)
    return {
      embedded: images.filter((_, i) => done[i]),
      vectors: packRows(
        results.filter((result) => result instanceof Float32Array),
        embedder.dimensions,
      ),
      refused: results.filter((result) => 'code' in result),
    }
  } finally {
    progress.stop()
    await decoder.close()
    await embedder.close()
  }
}
