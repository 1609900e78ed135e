import type { FastifyReply } from 'fastify'
import type { UrlFetcher } from '../../collection/url-fetcher.ts'
import { AppError } from '../../errors.ts'
import { mapBounded } from '../../scheduling/map-bounded.ts'
import type { BodyBudget } from './body-budget.ts'
import type { ImageSource } from './image-source.ts'

/** Images of one request that are fetched at once. */
const FETCHES_AT_ONCE = 4

/** Turns images as requests give them into bytes; what is fetched counts as a body would. */
export class ImageSources {
  readonly #fetcher: UrlFetcher
  readonly #budget: BodyBudget
  readonly #maxBytes: number

  /** @param parts `maxBytes`: of all images that one request names by URL. */
  constructor(parts: { fetcher: UrlFetcher; budget: BodyBudget; maxBytes: number }) {
    this.#fetcher = parts.fetcher
    this.#budget = parts.budget
    this.#maxBytes = parts.maxBytes
  }

  /**
   * @param reply the answer to the request; the bytes are held until it is sent.
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
