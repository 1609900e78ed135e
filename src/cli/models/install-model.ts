import { mkdir } from 'node:fs/promises'
import { readDescription } from '../../adapters/models-folder/read-bundle.ts'
import { type BundleFiles, writeBundle } from '../../adapters/models-folder/write-bundle.ts'
import { openOnnxEmbedder } from '../../adapters/onnxruntime/onnx-embedder.ts'
import type { Config } from '../../config/config.ts'
import type { ModelBundle } from '../../embedding/model-bundle.ts'
import { AppError } from '../../errors.ts'

/**
 * Gives a bundle its place, once it has run for one image and for two.
 * @throws DATA_FOLDER_UNUSABLE; what opening a model throws.
 */
export async function installModel(
  bundle: BundleFiles,
  { modelsFolder, provider }: Pick<Config, 'modelsFolder' | 'provider'>,
): Promise<ModelBundle> {
  await mkdir(modelsFolder, { recursive: true }).catch((cause) => {
    const message = `expected to write to ${modelsFolder}: ${String(cause)}`
    throw new AppError('DATA_FOLDER_UNUSABLE', message, { cause })
  })
  const place = await writeBundle(modelsFolder, bundle, async (folder) => {
    const embedder = await openOnnxEmbedder({ folder, provider })
    await embedder.close()
  })
  return await readDescription(place)
}

/** Lines that tell what a model is now. */
export function describedLines({ name, input, output, licence }: ModelBundle): string {
  const { width, height, resize, cropFraction, kernel, colour, mean, std } = input
  const numbers = (values: readonly number[]) => values.map((value) => +value.toFixed(3)).join(', ')
  const pooling = output.pooling === undefined ? '' : `, pooled by ${output.pooling}`
  return [
    `${name}: ${output.dimensions} numbers of ${output.name}${pooling}, normalised by ${output.normalise}; licence ${licence}`,
    `  pixels: ${width} x ${height} ${colour}, ${resize}, crop ${+cropFraction.toFixed(4)}, ${kernel}`,
    `  of values from 0 to 255: mean ${numbers(mean)}, std ${numbers(std)}`,
    '',
  ].join('\n')
}
