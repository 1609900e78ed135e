import { readImageFile } from '../adapters/image-files.ts'
import { openOnnxEmbedder } from '../adapters/onnxruntime/onnx-embedder.ts'
import { createSharpImageDecoder } from '../adapters/sharp-image-decoder.ts'
import type { Config } from '../config.ts'
import { AppError } from '../errors.ts'
import { type RowMatrix, rowOf } from '../vector/row-matrix.ts'

const MOST_DIFFERENCE = 1e-4

/**
 * Opens a bundle as the service would, and embeds a few images one by one and two at a time.
 * @param wanted the vectors of `paths` in the training.
 * @throws EXPORT_DIFFERS when a number differs by more than 1e-4; what opening a bundle throws.
 */
export async function checkExport(
  folder: string,
  paths: readonly string[],
  wanted: RowMatrix,
  config: Pick<Config, 'provider' | 'maxPixels' | 'maxBodyBytes'>,
): Promise<void> {
  const embedder = await openOnnxEmbedder({
    ...{ folder, provider: config.provider },
    // Two that are asked for at once are one batch.
    batcher: { maxBatch: 2 },
  })
  const decoder = createSharpImageDecoder({ maxPixels: config.maxPixels })
  try {
    const pixels: Uint8Array[] = []
    for (const path of paths) {
      const bytes = await readImageFile(path, config.maxBodyBytes)
      const image = await decoder.decode(bytes, embedder.preprocess, { thumbnail: false })
      pixels.push(image.pixels)
    }
    for (const [row, image] of pixels.entries()) {
      compare(await embedder.embed(image), rowOf(wanted, row), `${paths[row]} alone`)
    }
    const both = await Promise.all(pixels.slice(0, 2).map((image) => embedder.embed(image)))
    for (const [row, vector] of both.entries()) {
      compare(vector, rowOf(wanted, row), `${paths[row]} in a batch`)
    }
  } finally {
    await decoder.close()
    await embedder.close()
  }
}

function compare(got: Float32Array, wanted: Float32Array, what: string): void {
  if (got.length !== wanted.length) {
    throw differs(`${wanted.length} numbers for ${what}, got ${got.length}`)
  }
  const difference = got.reduce((most, value, i) => Math.max(most, Math.abs(value - wanted[i]!)), 0)
  if (difference <= MOST_DIFFERENCE) return
  throw differs(
    `the vector of ${what} within ${MOST_DIFFERENCE} of the training's, got a difference of ${difference}`,
  )
}

function differs(expected: string): AppError {
  return new AppError('EXPORT_DIFFERS', `the exported model: expected ${expected}`)
}
