import { AppError, shown } from '../errors.ts'

/** Brings images that callers name by URL. The addresses are theirs to choose: an adapter must guard them. */
export interface UrlFetcher {
  /**
   * Fetches the bytes of one image file.
   * @throws URL_FETCH_OFF; URL_REFUSED for a URL that may not be fetched, its redirects included; URL_FETCH_FAILED
   * when the other side gives no image in time; BODY_TOO_LARGE; UNSUPPORTED_MEDIA_TYPE for another content type;
   * QUEUE_FULL when too many are under way; CANCELLED when `signal` aborts.
   */
  fetch(url: string, signal?: AbortSignal): Promise<Uint8Array>
}

/** Fetches nothing, which is the default of a service. */
export const fetchNothing: UrlFetcher = {
  async fetch(url) {
    const message = `fetching images by URL is off here, got ${shown(url)}; send the bytes instead`
    throw new AppError('URL_FETCH_OFF', message)
  },
}
