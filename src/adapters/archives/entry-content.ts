/** The content of an entry, of which the first bytes can be looked at before the rest is read. */
export class EntryContent {
  readonly #chunks: AsyncIterator<Uint8Array>
  readonly #faultOf: (cause: unknown) => unknown
  readonly #read: Uint8Array[] = []
  #bytes = 0

  /** Gives up what was not read. */
  readonly close: () => void

  /** @param faultOf makes what is thrown of what the stream throws. */
  constructor(
    stream: AsyncIterable<Uint8Array>,
    { close = () => {}, faultOf = (cause: unknown) => cause } = {},
  ) {
    this.#chunks = stream[Symbol.asyncIterator]()
    this.close = close
    this.#faultOf = faultOf
  }

  /** Gives the first bytes, fewer where there are no more. */
  async head(bytes: number): Promise<Uint8Array> {
    while (this.#bytes < bytes && (await this.#next()));
    return Buffer.concat(this.#read).subarray(0, bytes)
  }

  async all(): Promise<Uint8Array> {
    while (await this.#next());
    return Buffer.concat(this.#read)
  }

  async #next(): Promise<boolean> {
    try {
      const { done, value } = await this.#chunks.next()
      if (done === true) return false
      this.#read.push(value)
      this.#bytes += value.byteLength
      return true
    } catch (cause) {
      throw this.#faultOf(cause)
    }
  }
}
