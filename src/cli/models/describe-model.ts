import { chooseInput, chooseOutput } from '../../embedding/choose-tensors.ts'
import { parseModelBundle } from '../../embedding/model-bundle.ts'
import type { Preprocessing } from '../../embedding/preprocessor-config.ts'
import { AppError } from '../../errors.ts'
import { sha256Of } from '../../files/sha256.ts'
import { withInnerWeights } from '../../onnx/external-data.ts'
import { graphFacts } from '../../onnx/graph-facts.ts'
import type { BundleFiles } from '../../training/export/write-bundle.ts'
import { configBeside, type ModelFiles, preprocessingBeside } from './model-files.ts'
import type { ModelOverrides } from './model-options.ts'

/** Says what the model is and who made it, for its description. */
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
 * Makes the files of a bundle of an ONNX file and what lies beside it: one graph with all its weights,
 * and a description.
 * @throws MODEL_INVALID, ONNX_INVALID, PREPROCESSING_UNSUPPORTED, each with what is missing.
 */
export function describeModel(
  files: ModelFiles,
  overrides: ModelOverrides,
  { name, version, licence, source, card }: ModelOrigin,
): BundleFiles {
  const facts = graphFacts(files.onnx)
  const { width, height, ...input } = chooseInput(facts)
  const preprocessing = preprocessingOf(files, overrides, { width, height })
  const output = chooseOutput(facts, overrides, configBeside(files))
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
  const found = preprocessingBeside(files)
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
    throw new AppError(
      'MODEL_INVALID',
      `expected ${flags}, or a preprocessor_config.json beside the model that says so`,
    )
  }
  return {
    width: width!,
    height: height!,
    resize: resize!,
    mean: [...mean!],
    std: [...std!],
    cropFraction: overrides.cropFraction ?? found?.cropFraction ?? 1,
    kernel: overrides.kernel ?? found?.kernel ?? 'linear',
    colour: overrides.colour ?? found?.colour ?? 'rgb',
  }
}
