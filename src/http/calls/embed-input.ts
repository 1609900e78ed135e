import { MAX_EMBEDDED_IMAGES } from '../../collection/embeddings.ts'
import { AppError, shown } from '../../errors.ts'
import { base64Bytes, type ImageSource } from '../body/image-source.ts'
import { invalidRequest } from '../schema-check.ts'
import { closed, Type } from '../schemas/type.ts'

const Image = {
  anyOf: [
    { type: 'string', description: 'A data URI in base64, or an http or https URL.' },
    closed({ image: Type.String({ description: 'The same, or bare base64.' }) }),
  ],
}

/** The member `input` of an embedding, as the document shows it; `inputImages` checks it. */
export const InputSchema = Type.Unsafe<unknown>({
  anyOf: [
    ...Image.anyOf,
    { type: 'array', items: Image, minItems: 1, maxItems: MAX_EMBEDDED_IMAGES },
  ],
  description: 'One image, or a list of them.',
})

/** Reads one image or a list of them. */
export function inputImages(input: unknown): readonly ImageSource[] {
  if (!Array.isArray(input)) return [inputImage(input, '/input')]
  if (input.length < 1 || input.length > MAX_EMBEDDED_IMAGES) {
    throw invalid('/input', `expected 1 to ${MAX_EMBEDDED_IMAGES} images, got ${input.length}`)
  }
  return input.map((item, i) => inputImage(item, `/input/${i}`))
}

/** Reads a data URI or URL (OpenAI, infinity), or `{ image }` with one of the two or bare base64 (Jina). */
function inputImage(item: unknown, at: string): ImageSource {
  if (typeof item === 'string') return addressed(item, at) ?? noImage(item, at)
  const { image, ...others } = Object(item) as Readonly<Record<string, unknown>>
  if (typeof image !== 'string' || Object.keys(others).length > 0) return noImage(item, at)
  return addressed(image, `${at}/image`) ?? base64At(image, `${at}/image`)
}

function addressed(text: string, at: string): ImageSource | null {
  if (/^https?:\/\//i.test(text)) return { url: text }
  return /^data:/i.test(text) ? base64At(text, at) : null
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

/** Makes an error that names the member at fault, as clients of OpenAI's API expect it. */
export function invalid(path: string, message: string): AppError {
  return invalidRequest(message, { issues: [{ path, message }] })
}
