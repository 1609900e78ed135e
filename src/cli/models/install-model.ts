import { mkdir } from 'node:fs/promises'
import { readDescription } from '../../adapters/models-folder/read-bundle.ts'
import { openOnnxEmbedder } from '../../adapters/onnxruntime/onnx-embedder.ts'
import type { Config } from '../../config/config.ts'
import type { ModelBundle } from '../../embedding/model-bundle.ts'
import { AppError } from '../../errors.ts'
import { plainLines } from '../../text-table.ts'
import { type BundleFiles, writeBundle } from '../../training/export/write-bundle.ts'

/**
 * Writes a bundle to its place, once it has run for one image and for two.
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

/** Describes a model in lines. */
export function describedLines({ name, input, output, licence }: ModelBundle): string {
  const { width, height, resize, cropFraction, kernel, colour, mean, std } = input
  const numbers = (values: readonly number[]) => values.map((value) => +value.toFixed(3)).join(', ')
  const pooling = output.pooling === undefined ? '' : `, pooled by ${output.pooling}`
  const lines = [
    `${name}: ${output.dimensions} numbers of ${output.name}${pooling}, normalised by ${output.normalise}; licence ${licence}`,
    `  pixels: ${width} x ${height} ${colour}, ${resize}, crop ${+cropFraction.toFixed(4)}, ${kernel}`,
    `  of values from 0 to 255: mean ${numbers(mean)}, std ${numbers(std)}`,
  ]
  return plainLines(`${lines.join('\n')}\n`)
}
