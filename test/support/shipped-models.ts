/** The bundles in `models/` that come with the project, by name. */
export const SHIPPED_MODELS = [
  'efficientnet-lite0',
  'efficientnet-lite0-int8',
  'efficientnet-lite2-lite0-int8',
] as const

export const DEFAULT_MODEL = 'efficientnet-lite2-lite0-int8'
export const FLOAT_MODEL = 'efficientnet-lite0'
export const EIGHT_BIT_MODELS = SHIPPED_MODELS.filter((name) => name.endsWith('int8'))
