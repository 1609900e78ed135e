import type { FastifyReply } from 'fastify'
import type { UrlFetcher } from '../../collection/url-fetcher.ts'
import { AppError, shown } from '../../errors.ts'
import { mapBounded } from '../../scheduling/map-bounded.ts'
import type { BodyBudget } from './body-budget.ts'

/** An image as a request gives it: its bytes, or where to fetch them. */
export type ImageSource = Uint8Array | { readonly url: string }

/**
 * Reads an image given inside JSON.
 *
 * @throws INVALID_REQUEST unless there is exactly one of `data` and `url`, and for data that is not
 * base64 (the URL-safe letters are taken too).
 */
export function imageSource(
  source: { readonly data?: string; readonly url?: string },
  at: string,
): ImageSource {
  const { data, url } = source
  if ((data === undefined) === (url === undefined)) {
    const got = data === undefined ? 'neither' : 'both'
    throw new AppError('INVALID_REQUEST', `${at}: expected one of data and url, got ${got}`)
  }
  if (url !== undefined) return { url }
  return base64Bytes(data!, `${at}/data`)
}

/** Decodes an image. @throws INVALID_REQUEST for text that is no base64; the URL-safe letters are taken too. */
export function base64Bytes(data: string, at: string): Uint8Array {
  const decoded = fromBase64(data)
  if (decoded === null) {
    throw new AppError(
      'INVALID_REQUEST',
      `${at}: expected the image file in base64, got ${shown(data)}`,
    )
  }
  // A copy out of Node's shared buffer pool, so that it can be handed to another thread.
  return decoded.byteLength === decoded.buffer.byteLength ? decoded : Uint8Array.from(decoded)
}

/** Decodes base64 of either alphabet, padded or not; null for other text. The bytes may lie in Node's shared pool. */
export function fromBase64(text: string): Buffer | null {
  let letters = text.length
  while (letters > 0 && letters > text.length - 2 && text[letters - 1] === '=') letters--
  if (letters === 0 || letters % 4 === 1) return null
  // Node skips what is no letter of base64, so that such text gives fewer bytes than its length says.
  const bytes = Buffer.from(text, 'base64')
  return bytes.byteLength === Math.floor((letters * 3) / 4) ? bytes : null
}

/** The most images of one request that are fetched at once. */
const FETCHES_AT_ONCE = 4

/** Turns images as requests give them into bytes; what is fetched counts as a body would. */
export class ImageSources {
  readonly #fetcher: UrlFetcher
  readonly #budget: BodyBudget
  readonly #maxBytes: number

  /** @param parts `maxBytes` bounds all images together that one request names by URL. */
  constructor(parts: { fetcher: UrlFetcher; budget: BodyBudget; maxBytes: number }) {
    this.#fetcher = parts.fetcher
    this.#budget = parts.budget
    this.#maxBytes = parts.maxBytes
  }

  /**
   * @param reply the answer to the request; the budget holds fetched bytes until it is sent.
   * @throws what UrlFetcher.fetch throws; BODY_TOO_LARGE for all images together; QUEUE_FULL.
   */
  async bytesOf(
    sources: readonly ImageSource[],
    reply: FastifyReply,
    signal: AbortSignal,
  ): Promise<readonly Uint8Array[]> {
    let fetched = 0
    const held: (() => void)[] = []
    if (!sources.every((source) => source instanceof Uint8Array)) {
      reply.raw.once('close', () => {
        for (const release of held) release()
      })
    }
    return mapBounded(sources, FETCHES_AT_ONCE, async (source) => {
      if (source instanceof Uint8Array) return source
      const bytes = await this.#fetcher.fetch(source.url, signal)
      fetched += bytes.byteLength
      if (fetched > this.#maxBytes) {
        throw new AppError(
          'BODY_TOO_LARGE',
          `expected images of at most ${this.#maxBytes} bytes behind the URLs of a request, got more`,
        )
      }
      const release = this.#budget.take(bytes.byteLength)
      if (reply.raw.destroyed) release()
      else held.push(release)
      return bytes
    })
  }
}
