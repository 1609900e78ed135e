import { mkdir } from 'node:fs/promises'
import { readDescription } from '../../adapters/models-folder/read-bundle.ts'
import { type BundleFiles, writeBundle } from '../../adapters/models-folder/write-bundle.ts'
import { openOnnxEmbedder } from '../../adapters/onnxruntime/onnx-embedder.ts'
import type { Config } from '../../config/config.ts'
import { chooseInput, chooseOutput } from '../../embedding/choose-tensors.ts'
import { type ModelBundle, parseModelBundle } from '../../embedding/model-bundle.ts'
import type { Preprocessing } from '../../embedding/preprocessor-config.ts'
import { AppError } from '../../errors.ts'
import { sha256Of } from '../../files/sha256.ts'
import { withInnerWeights } from '../../onnx/external-data.ts'
import { graphFacts } from '../../onnx/graph-facts.ts'
import { plainLines } from '../../text-table.ts'
import type { ModelFiles } from './model-files.ts'
import type { ModelOverrides } from './model-options.ts'

/** The part of a description that no file of the model gives. */
export interface ModelOrigin {
  readonly name: string
  readonly version: string
  readonly licence: string
  readonly source: string
  /** README.md of the bundle; null for none. */
  readonly card: string | null
}

const WHITE = 255

/**
 * Makes a bundle of an ONNX file and what lies beside it, and gives it its place once it has run for one image and for two.
 * @throws MODEL_INVALID, ONNX_INVALID, PREPROCESSING_UNSUPPORTED, DATA_FOLDER_UNUSABLE, and as opening a model.
 */
export async function makeBundle(
  files: ModelFiles,
  overrides: ModelOverrides,
  origin: ModelOrigin,
  { modelsFolder, provider }: Pick<Config, 'modelsFolder' | 'provider'>,
): Promise<ModelBundle> {
  const bundle = describe(files, overrides, origin)
  await mkdir(modelsFolder, { recursive: true }).catch((cause: unknown) => {
    const message = `expected to write to ${modelsFolder}: ${String(cause)}`
    throw new AppError('DATA_FOLDER_UNUSABLE', message, { cause })
  })
  const place = await writeBundle(modelsFolder, bundle, async (folder) => {
    await (await openOnnxEmbedder({ folder, provider })).close()
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

/** Makes one graph with all its weights, and a description. */
function describe(
  files: ModelFiles,
  overrides: ModelOverrides,
  { name, version, licence, source, card }: ModelOrigin,
): BundleFiles {
  const facts = graphFacts(files.onnx)
  const { width, height, ...input } = chooseInput(facts)
  const preprocessing = preprocessingOf(files, overrides, { width, height })
  const output = chooseOutput(facts, overrides, files.config())
  const { minDimensions, normalise = 'l2' } = overrides
  const onnx = withInnerWeights(files.onnx, files.weights)
  const description = {
    name,
    version,
    file: 'model.onnx',
    sha256: sha256Of(onnx),
    licence,
    source,
    input: { ...input, ...preprocessing },
    output: { ...output, ...(minDimensions === undefined ? {} : { minDimensions }), normalise },
  }
  const text = `${JSON.stringify(description, null, 2)}\n`
  parseModelBundle(text, `the description of ${name}`)
  const bundle = { 'model.onnx': onnx, 'model.json': text }
  return { name, files: card === null ? bundle : { ...bundle, 'README.md': card } }
}

function preprocessingOf(
  files: ModelFiles,
  overrides: ModelOverrides,
  graph: { readonly width: number | null; readonly height: number | null },
): Preprocessing {
  const found = files.preprocessing()
  const eightBit = (values: readonly number[] | undefined) => values?.map((value) => value * WHITE)
  const width = overrides.width ?? found?.width ?? graph.width
  const height = overrides.height ?? found?.height ?? graph.height
  const resize = overrides.resize ?? found?.resize
  const mean = eightBit(overrides.mean) ?? found?.mean
  const std = eightBit(overrides.std) ?? found?.std
  const needed = { width, height, resize, mean, std }
  const missing = Object.entries(needed).filter(([, value]) => (value ?? null) === null)
  if (missing.length > 0) {
    const flags = missing.map(([name]) => `--${name}`).join(', ')
    const message = `expected ${flags}, or a preprocessor_config.json beside the model that says so`
    throw new AppError('MODEL_INVALID', message)
  }
  return {
    ...(needed as Pick<Preprocessing, keyof typeof needed>),
    cropFraction: overrides.cropFraction ?? found?.cropFraction ?? 1,
    kernel: overrides.kernel ?? found?.kernel ?? 'linear',
    colour: overrides.colour ?? found?.colour ?? 'rgb',
  }
}
