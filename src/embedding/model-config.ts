import { parseJson } from './json-members.ts'

/** The facts about a model in a `config.json` of transformers; null where it is silent. */
export interface ModelConfig {
  readonly modelType: string | null
  /** The numbers of a token, or the channels of the last feature map. */
  readonly hiddenSize: number | null
  /** The numbers of `image_embeds`. */
  readonly projectionSize: number | null
}

export const NO_MODEL_CONFIG: ModelConfig = {
  modelType: null,
  hiddenSize: null,
  projectionSize: null,
}

/**
 * Reads a `config.json`; of a model of texts and images its vision part.
 * @param at names the file in messages.
 * @throws MODEL_INVALID for text that is no JSON.
 */
export function readModelConfig(text: string, at: string): ModelConfig {
  const config = members(parseJson(text, at, 'MODEL_INVALID'))
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
