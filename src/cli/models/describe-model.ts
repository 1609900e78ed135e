import { createHash } from 'node:crypto'
import type { BundleFiles } from '../../adapters/models-folder/write-bundle.ts'
import { chooseInput, chooseOutput, type OutputOverrides } from '../../embedding/choose-tensors.ts'
import { type ModelBundle, parseModelBundle } from '../../embedding/model-bundle.ts'
import { NO_MODEL_CONFIG, readModelConfig } from '../../embedding/model-config.ts'
import { type Preprocessing, readPreprocessorConfig } from '../../embedding/preprocessor-config.ts'
import { AppError } from '../../errors.ts'
import { withInnerWeights } from '../../onnx/external-data.ts'
import { graphFacts } from '../../onnx/graph-facts.ts'
import type { ModelFiles, ModelNotes } from './model-files.ts'

/** What the user says of a model; each wins over what its files say. */
export interface ModelWishes extends OutputOverrides {
  readonly width?: number
  readonly height?: number
  readonly resize?: Preprocessing['resize']
  readonly cropFraction?: number
  readonly kernel?: Preprocessing['kernel']
  readonly colour?: Preprocessing['colour']
  /** Of values from 0 to 1, as training code has them. */
  readonly mean?: readonly number[]
  readonly std?: readonly number[]
  readonly normalise?: ModelBundle['output']['normalise']
  readonly minDimensions?: number
}

/** Who made the model, for its description. */
export interface ModelOrigin {
  readonly name: string
  readonly version: string
  readonly licence: string
  readonly source: string
  /** README.md of the bundle. */
  readonly card: string | null
}

const WHITE = 255

/**
 * The files of a bundle made of an ONNX file and what lies beside it: one graph with all its weights,
 * and a description.
 * @throws MODEL_INVALID, ONNX_INVALID, PREPROCESSING_UNSUPPORTED, each with what is missing.
 */
export function describeModel(
  files: ModelFiles,
  wishes: ModelWishes,
  { card, ...origin }: ModelOrigin,
): BundleFiles {
  const facts = graphFacts(files.onnx)
  const { width, height, ...input } = chooseInput(facts)
  const preprocessing = preprocessingOf(files, wishes, { width, height })
  const { modelType, ...sizes } = configOf(files)
  const output = chooseOutput(facts, wishes, { modelType, ...sizes })
  const { minDimensions, normalise = 'l2' } = wishes
  const onnx = withInnerWeights(files.onnx, files.weights)
  const description = {
    ...{ name: origin.name, version: origin.version, file: 'model.onnx' },
    sha256: createHash('sha256').update(onnx).digest('hex'),
    ...{ licence: origin.licence, source: origin.source },
    input: { ...input, ...preprocessing },
    output: { ...output, ...(minDimensions === undefined ? {} : { minDimensions }), normalise },
  }
  const text = `${JSON.stringify(description, null, 2)}\n`
  parseModelBundle(text, `the description of ${origin.name}`)
  return {
    name: origin.name,
    files: {
      'model.onnx': onnx,
      'model.json': text,
      ...(card === null ? {} : { 'README.md': card }),
    },
  }
}

function configOf({ config }: ModelNotes) {
  return config === null ? NO_MODEL_CONFIG : readModelConfig(config.text, config.at)
}

function preprocessingOf(
  { preprocessor }: ModelNotes,
  wishes: ModelWishes,
  graph: { readonly width: number | null; readonly height: number | null },
): Preprocessing {
  const found =
    preprocessor === null ? null : readPreprocessorConfig(preprocessor.text, preprocessor.at)
  const eightBit = (values: readonly number[] | undefined) => values?.map((value) => value * WHITE)
  const width = wishes.width ?? found?.width ?? graph.width
  const height = wishes.height ?? found?.height ?? graph.height
  const resize = wishes.resize ?? found?.resize
  const mean = eightBit(wishes.mean) ?? found?.mean
  const std = eightBit(wishes.std) ?? found?.std
  const wanted = { width, height, resize, mean, std }
  const missing = Object.entries(wanted).filter(([, value]) => (value ?? null) === null)
  if (missing.length > 0) {
    const flags = missing.map(([name]) => `--${name}`).join(', ')
    throw new AppError(
      'MODEL_INVALID',
      `expected ${flags}, or a preprocessor_config.json beside the model that says so`,
    )
  }
  return {
    ...{ width: width!, height: height!, resize: resize!, mean: [...mean!], std: [...std!] },
    cropFraction: wishes.cropFraction ?? found?.cropFraction ?? 1,
    kernel: wishes.kernel ?? found?.kernel ?? 'linear',
    colour: wishes.colour ?? found?.colour ?? 'rgb',
  }
}
