import { AppError, shown } from '../errors.ts'
import type { DeclaredValue, GraphFacts } from '../onnx/graph-facts.ts'
import type { ModelBundle } from './model-bundle.ts'
import type { ModelConfig } from './model-config.ts'

type Input = Pick<ModelBundle['input'], 'name' | 'layout'>
type Output = Pick<ModelBundle['output'], 'name' | 'dimensions' | 'pooling'>

/** The input of pixels, with the sides that the graph gives; null where it leaves them open. */
interface ChosenInput extends Input {
  readonly width: number | null
  readonly height: number | null
}

/** The choices of a caller who knows better than the rule. */
export interface OutputOverrides {
  readonly output?: string
  readonly pooling?: 'class-token' | 'mean'
  readonly dimensions?: number
}

/** Names of outputs, best first: made to be compared, pooled by the model itself, all places of the last layer. */
const EMBEDDINGS = ['image_embeds', 'pooler_output', 'last_hidden_state']
/** Models, by `model_type`, whose first token is the class token, and models that have none. */
const CLASS_TOKEN_MODELS =
  /^(vit|deit|beit|dinov2|dinov2_with_registers|dinov3_vit|clip|clip_vision_model)$/
const MEAN_MODELS = /^(siglip|siglip_vision_model|swin|swinv2)$/

/** Takes the only input. @throws MODEL_INVALID unless there is one, of images in three channels. */
export function chooseInput({ inputs }: GraphFacts): ChosenInput {
  const [input] = inputs
  if (input === undefined || inputs.length > 1) {
    const hint = inputs.length > 1 ? '; of a model of texts and images take its vision part' : ''
    throw invalid(`expected a graph of one input, got ${named(inputs)}${hint}`)
  }
  const { name, dims } = input
  if (dims === null) return { name, layout: 'NCHW', width: null, height: null }
  const [, second = null, third = null, fourth = null] = dims
  const layout = fourth === 3 && second !== 3 ? 'NHWC' : 'NCHW'
  const channels = layout === 'NHWC' ? fourth : second
  if (dims.length !== 4 || (channels ?? 3) !== 3) {
    throw invalid(`expected an input of images, [batch, 3, height, width], got ${named([input])}`)
  }
  return layout === 'NHWC'
    ? { name, layout, height: second, width: third }
    : { name, layout, height: third, width: fourth }
}

/**
 * Chooses the output that is the embedding: the requested one, else the first there is of `image_embeds`,
 * `pooler_output` and `last_hidden_state`, else the only one, unless it is class scores. Tokens are
 * pooled as requested, else by what is known of the type of the model; feature maps by their mean.
 * @param config gives the dimensions where the graph leaves them open.
 * @throws MODEL_INVALID with the option to give where the rule does not decide.
 */
export function chooseOutput(
  { outputs }: GraphFacts,
  overrides: OutputOverrides,
  config: ModelConfig,
): Output {
  const output = outputOf(outputs, overrides.output)
  const { name, dims } = output
  if (dims === null) {
    const { dimensions, pooling } = overrides
    if (dimensions === undefined) {
      throw invalid(`expected --dimensions, because the graph does not say them of ${shown(name)}`)
    }
    return { name, dimensions, ...(pooling === undefined ? {} : { pooling }) }
  }
  const pooling = poolingOf(output, dims, overrides.pooling, config.modelType)
  const size = dims.length === 3 ? dims[2] : dims[1]
  const configured = name === 'image_embeds' ? config.projectionSize : config.hiddenSize
  const dimensions = overrides.dimensions ?? size ?? configured
  if (dimensions === null) {
    throw invalid(`expected --dimensions, because the graph leaves them open: ${named([output])}`)
  }
  return { name, dimensions, ...(pooling === null ? {} : { pooling }) }
}

function outputOf(outputs: readonly DeclaredValue[], requested: string | undefined): DeclaredValue {
  for (const name of requested === undefined ? EMBEDDINGS : [requested]) {
    const found = outputs.find((output) => output.name === name)
    if (found !== undefined) return found
  }
  if (requested !== undefined) {
    throw invalid(`expected one of the outputs ${named(outputs)}, got --output ${shown(requested)}`)
  }
  const [only] = outputs
  if (only !== undefined && outputs.length === 1 && only.name !== 'logits') return only
  throw invalid(
    `expected an output ${EMBEDDINGS.join(', ')}, or only one that is no class scores, got ${named(outputs)}; --output takes one of them all the same`,
  )
}

function poolingOf(
  output: DeclaredValue,
  dims: readonly (number | null)[],
  requested: OutputOverrides['pooling'],
  modelType: string | null,
): 'class-token' | 'mean' | null {
  if (requested !== undefined) return requested
  if (dims.length === 3) {
    if (CLASS_TOKEN_MODELS.test(modelType ?? '')) return 'class-token'
    if (MEAN_MODELS.test(modelType ?? '')) return 'mean'
    throw invalid(
      `expected --pooling class-token or mean for the tokens of ${named([output])}, which nothing is known of for a model of type ${modelType ?? 'unknown'}`,
    )
  }
  const isMap = dims.length === 4 && dims.slice(2).some((size) => size !== 1)
  return isMap ? 'mean' : null
}

function named(values: readonly DeclaredValue[]): string {
  if (values.length === 0) return 'none'
  const list = values.map(({ name, dims }) => {
    const shape = dims === null ? 'any shape' : dims.map((size) => size ?? '?').join(', ')
    return `${name} [${shape}]`
  })
  return shown(list.join(', '), 300)
}

function invalid(message: string): AppError {
  return new AppError('MODEL_INVALID', message)
}
