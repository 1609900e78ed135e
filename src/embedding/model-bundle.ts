import { type Static, Type } from 'typebox'
import { Settings } from 'typebox/system'
import { Value } from 'typebox/value'
import { AppError, type InputIssue, shown } from '../errors.ts'
import type { PreprocessSpec } from '../image/image-decoder.ts'
import { MODEL_NAME } from './embedder.ts'
import { parseJson } from './json-members.ts'

const MAX_ERRORS = 100
const closed = { additionalProperties: false }
const threeNumbers = (options: { exclusiveMinimum?: number }) =>
  Type.Array(Type.Number(options), { minItems: 3, maxItems: 3 })

/** `model.json` of a bundle. */
const BundleSchema = Type.Object(
  {
    /** Also the name of the bundle's folder. */
    name: Type.String({ pattern: MODEL_NAME.source }),
    version: Type.String({ minLength: 1, maxLength: 128 }),
    /** The ONNX file, in the bundle's folder itself. */
    file: Type.String({ pattern: '^[a-zA-Z0-9][a-zA-Z0-9._-]{0,127}$' }),
    sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    licence: Type.String({ minLength: 1, maxLength: 256 }),
    source: Type.String({ minLength: 1, maxLength: 4096 }),
    input: Type.Object(
      {
        name: Type.String({ minLength: 1, maxLength: 512 }),
        layout: Type.Enum(['NCHW', 'NHWC']),
        width: Type.Integer({ minimum: 1, maximum: 4096 }),
        height: Type.Integer({ minimum: 1, maximum: 4096 }),
        /** The order of channels that the graph wants; decoded pixels are always RGB. */
        colour: Type.Enum(['rgb', 'bgr']),
        resize: Type.Enum(['centre-crop', 'shortest-edge', 'stretch']),
        cropFraction: Type.Number({ minimum: 0.1, maximum: 1 }),
        kernel: Type.Enum(['nearest', 'linear', 'cubic', 'lanczos3']),
        /** For 8-bit values (0 to 255), in the order of `colour`: the graph gets (x - mean) / std. */
        mean: threeNumbers({}),
        std: threeNumbers({ exclusiveMinimum: 0 }),
      },
      closed,
    ),
    output: Type.Object(
      {
        name: Type.String({ minLength: 1, maxLength: 512 }),
        dimensions: Type.Integer({ minimum: 1, maximum: 16_384 }),
        /** How tokens or a feature map become a vector; left out where the output is one already. */
        pooling: Type.Optional(Type.Enum(['class-token', 'mean'])),
        /** The least number of leading numbers that are an embedding too; left out: only all are. */
        minDimensions: Type.Optional(Type.Integer({ minimum: 1, maximum: 16_384 })),
        /** `l2`: scaled to unit length when served; `none`: served as the graph gives it. */
        normalise: Type.Enum(['l2', 'none']),
      },
      closed,
    ),
  },
  closed,
)

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T

/** The description of a model in its `model.json`, checked and frozen. */
export type ModelBundle = DeepReadonly<Static<typeof BundleSchema>>

/**
 * Parses a bundle's `model.json`.
 * @param at names the file in messages.
 * @throws MODEL_INVALID with every problem at once, unknown members among them.
 */
export function parseModelBundle(text: string, at: string): ModelBundle {
  const value = parseJson(text, at, 'MODEL_INVALID')
  const issues = Value.Check(BundleSchema, value) ? contradictions(value) : issuesOf(value)
  if (issues.length === 0) return deepFreeze(value as Static<typeof BundleSchema>)
  const list = issues.map(({ path, message }) => `${path || '/'} ${message}`).join('; ')
  throw new AppError('MODEL_INVALID', `${at}: ${list}`, { issues })
}

export function preprocessOf(bundle: ModelBundle): PreprocessSpec {
  const { width, height, resize, cropFraction, kernel } = bundle.input
  return Object.freeze({ width, height, resize, cropFraction, kernel })
}

function contradictions({ input, output }: Static<typeof BundleSchema>): InputIssue[] {
  const { resize, width, height } = input
  const { dimensions, minDimensions = dimensions } = output
  const issues: InputIssue[] = []
  if (resize === 'shortest-edge' && width !== height) {
    const message = `shortest-edge needs a square input, got ${width} x ${height}`
    issues.push({ path: '/input/resize', message })
  }
  if (minDimensions > dimensions) {
    const message = `must be at most the ${dimensions} dimensions, got ${minDimensions}`
    issues.push({ path: '/output/minDimensions', message })
  }
  return issues
}

/** Lists more than the 8 errors after which TypeBox stops; that number is a setting of the whole process. */
function allErrors(value: unknown) {
  const { maxErrors } = Settings.Get()
  Settings.Set({ maxErrors: MAX_ERRORS })
  try {
    return Value.Errors(BundleSchema, value)
  } finally {
    Settings.Set({ maxErrors })
  }
}

function issuesOf(value: unknown): InputIssue[] {
  const issues: InputIssue[] = []
  for (const error of allErrors(value)) {
    const path = error.instancePath
    if (error.keyword === 'boolean') {
      // `additionalProperties: false` makes one for each unknown member; its summary is left out.
      issues.push({ path, message: 'is not a known member' })
    } else if (error.keyword === 'required') {
      for (const name of error.params.requiredProperties) {
        issues.push({ path: `${path}/${name}`, message: 'is missing' })
      }
    } else if (error.keyword !== 'additionalProperties') {
      const got = shown(JSON.stringify(Value.Pointer.Get(value, path)))
      const wanted =
        error.keyword === 'enum'
          ? `must be one of ${error.params.allowedValues.join(', ')}`
          : error.message
      issues.push({ path, message: `${wanted}, got ${got}` })
    }
  }
  return issues
}

function deepFreeze<T extends object>(value: T): DeepReadonly<T> {
  for (const member of Object.values(value)) {
    if (typeof member === 'object' && member !== null) deepFreeze(member)
  }
  return Object.freeze(value) as DeepReadonly<T>
}
