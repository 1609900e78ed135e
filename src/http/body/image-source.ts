import type { FastifyReply } from 'fastify'
import type { UrlFetcher } from '../../collection/url-fetcher.ts'
import { AppError, shown } from '../../errors.ts'
import { mapBounded } from '../../scheduling/map-bounded.ts'
import { ownMemory } from '../../threads/own-memory.ts'
import { invalidRequest } from '../schema-check.ts'

/** An image as a request gives it: its bytes, or where to fetch them. */
export type ImageSource = Uint8Array | { readonly url: string }

/**
 * Reads an image given inside JSON.
 *
 * @throws INVALID_REQUEST unless there is exactly one of `data` and `url`, and for data that is not base64.
 */
export function imageSource(
  { data, url }: { readonly data?: string; readonly url?: string },
  at: string,
): ImageSource {
  if (data !== undefined && url === undefined) return base64Bytes(data, `${at}/data`)
  if (url !== undefined && data === undefined) return { url }
  const got = data === undefined ? 'neither' : 'both'
  throw invalidRequest(`${at}: expected one of data and url, got ${got}`)
}

/**
 * Decodes an image given as base64, bare or in a data URI.
 *
 * @throws INVALID_REQUEST for text that is no base64; the URL-safe letters are taken too.
 */
export function base64Bytes(data: string, at: string): Uint8Array {
  const decoded = fromBase64(/^data:/i.test(data) ? ofDataUri(data, at) : data)
  if (decoded === null) {
    throw invalidRequest(`${at}: expected the image file in base64, got ${shown(data)}`)
  }
  return ownMemory(decoded)
}

/** Gives the text behind `data:image/png;base64,`. */
function ofDataUri(uri: string, at: string): string {
  const comma = uri.indexOf(',')
  if (comma >= 0 && /;base64$/i.test(uri.slice(Math.max(0, comma - 7), comma))) {
    return uri.slice(comma + 1)
  }
  throw invalidRequest(`${at}: expected a data URI in base64, got ${shown(uri)}`)
}

/**
 * Decodes base64 of either alphabet, padded or not, in one line or several; null for other text. A space is no line break
 * but a plus that was lost on the way. The bytes may lie in Node's shared pool.
 */
export function fromBase64(text: string): Buffer | null {
  let end = text.length
  let padding = 0
  for (; end > 0; end--) {
    const last = text[end - 1]
    if (last === '=' && padding < 2) padding++
    else if (last !== '\n' && last !== '\r') break
  }
  const letters = end - lineBreaks(text, end)
  if (letters === 0 || letters % 4 === 1) return null
  // Node skips what is no letter of base64, and then gives fewer bytes than the length of the text makes.
  const bytes = Buffer.from(text, 'base64')
  return bytes.byteLength === Math.floor((letters * 3) / 4) ? bytes : null
}

/** Counts the carriage returns and line feeds before `end`. */
function lineBreaks(text: string, end: number): number {
  let count = 0
  for (const letter of ['\n', '\r']) {
    for (let at = text.indexOf(letter); at >= 0 && at < end; at = text.indexOf(letter, at + 1))
      count++
  }
  return count
}

/** The most images of one request that are fetched at once. */
const FETCHES_AT_ONCE = 4

/**
 * Turns images as a request gives them into bytes.
 *
 * @throws what UrlFetcher.fetch throws; BODY_TOO_LARGE for all images together; QUEUE_FULL.
 */
export type ImageReader = (images: readonly ImageSource[]) => Promise<readonly Uint8Array[]>

/**
 * Makes the readers of images, one for each request. What is fetched counts as a part of its body.
 *
 * @param maxBytes bounds all images together that one request names by URL.
 */
export function createImageReaders(fetcher: UrlFetcher, maxBytes: number) {
  return (reply: FastifyReply, signal: AbortSignal): ImageReader =>
    async (images) => {
      let fetched = 0
      return mapBounded(images, FETCHES_AT_ONCE, async (image) => {
        if (image instanceof Uint8Array) return image
        const bytes = await fetcher.fetch(image.url, signal)
        fetched += bytes.byteLength
        if (fetched > maxBytes) {
          throw new AppError(
            'BODY_TOO_LARGE',
            `expected images of at most ${maxBytes} bytes behind the URLs of a request, got more`,
          )
        }
        reply.request.bodyHold!.take(bytes.byteLength)
        return bytes
      })
    }
}
