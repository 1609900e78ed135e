import { AppError } from '../errors.ts'

/** What a `config.json` of transformers tells of the model; null where it is silent. */
export interface ModelConfig {
  readonly modelType: string | null
  /** Numbers a token, or channels of the last feature map. */
  readonly hiddenSize: number | null
  /** Numbers of `image_embeds`. */
  readonly projectionSize: number | null
}

export const NO_MODEL_CONFIG: ModelConfig = {
  modelType: null,
  hiddenSize: null,
  projectionSize: null,
}

/**
 * Of a model of texts and images the vision part counts.
 * @param at names the file in messages.
 * @throws MODEL_INVALID for text that is no JSON object.
 */
export function readModelConfig(text: string, at: string): ModelConfig {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new AppError('MODEL_INVALID', `expected ${at} to be JSON: ${String(cause)}`, { cause })
  }
  const config = members(value)
  const vision = members(config.vision_config)
  const type = config.model_type
  return {
    modelType: typeof type === 'string' ? type : null,
    hiddenSize: size(vision.hidden_size) ?? size(config.hidden_size),
    projectionSize: size(config.projection_dim) ?? size(vision.projection_dim),
  }
}

function members(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function size(value: unknown): number | null {
  return Number.isInteger(value) ? Number(value) : null
}
