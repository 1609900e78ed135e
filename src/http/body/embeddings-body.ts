import { MAX_EMBEDDED_IMAGES } from '../../collection/embeddings.ts'
import { AppError, shown } from '../../errors.ts'
import { createParser } from '../schema-check.ts'
import { type EmbeddingOptions, EmbeddingsMembers } from '../schemas/openai.ts'
import { base64Bytes, type ImageSource } from './image-source.ts'
import { parseJson } from './json-text.ts'

export type EmbeddingFormat = 'float' | 'base64'

/** What to embed and how to answer, of clients of OpenAI, infinity and Jina alike. */
export interface EmbeddingsCall {
  readonly model: string | null
  readonly images: readonly ImageSource[]
  readonly dimensions: number | null
  readonly unit: boolean | null
  readonly format: EmbeddingFormat
}

const parseMembers = createParser(EmbeddingsMembers)

/** `{ input, model?, … }`. */
export function readEmbeddingsBody(body: Uint8Array): EmbeddingsCall {
  const { input, ...options } = parseMembers(parseJson(body))
  return { ...embeddingOptions(options), images: inputImages(input) }
}

/** @throws INVALID_REQUEST where the two names of the format contradict each other. */
export function embeddingOptions(options: EmbeddingOptions): Omit<EmbeddingsCall, 'images'> {
  const { encoding_format: openAi, embedding_type: jina } = options
  if (openAi !== undefined && jina !== undefined && openAi !== jina) {
    throw invalid('/embedding_type', `expected ${openAi} as encoding_format says, got ${jina}`)
  }
  return {
    model: options.model ?? null,
    dimensions: options.dimensions ?? null,
    unit: options.normalized ?? null,
    format: openAi ?? jina ?? 'float',
  }
}

/** One image or a list of them. */
function inputImages(input: unknown): readonly ImageSource[] {
  if (!Array.isArray(input)) return [inputImage(input, '/input')]
  if (input.length < 1 || input.length > MAX_EMBEDDED_IMAGES) {
    throw invalid('/input', `expected 1 to ${MAX_EMBEDDED_IMAGES} images, got ${input.length}`)
  }
  return input.map((item, i) => inputImage(item, `/input/${i}`))
}

/** A data URI or URL (OpenAI, infinity), or `{ image }` with one of the two or bare base64 (Jina). */
function inputImage(item: unknown, at: string): ImageSource {
  if (typeof item === 'string') return addressed(item, at) ?? noImage(item, at)
  const { image, ...others } = Object(item) as Readonly<Record<string, unknown>>
  if (typeof image !== 'string' || Object.keys(others).length > 0) return noImage(item, at)
  return addressed(image, `${at}/image`) ?? base64At(image, `${at}/image`)
}

function addressed(text: string, at: string): ImageSource | null {
  if (/^https?:\/\//i.test(text)) return { url: text }
  if (!/^data:/i.test(text)) return null
  const comma = text.indexOf(',')
  if (comma < 0 || !/;base64$/i.test(text.slice(Math.max(0, comma - 7), comma))) {
    throw invalid(at, `expected a data URI in base64, got ${shown(text)}`)
  }
  return base64At(text.slice(comma + 1), at)
}

function base64At(data: string, at: string): Uint8Array {
  try {
    return base64Bytes(data, at)
  } catch (error) {
    throw error instanceof AppError ? invalid(at, error.message) : error
  }
}

function noImage(item: unknown, at: string): never {
  const got =
    typeof item === 'object' && item !== null
      ? `members ${shown(Object.keys(item).join(', '))}`
      : shown(item)
  throw invalid(
    at,
    `expected an image as data URI, http or https URL, or { "image": … }, as nothing else is embedded here, got ${got}`,
  )
}

function invalid(path: string, message: string): AppError {
  return new AppError('INVALID_REQUEST', message, { issues: [{ path, message }] })
}
