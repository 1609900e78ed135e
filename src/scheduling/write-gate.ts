import { Pending } from './pending.ts'

/** Lets writes through side by side, and at times one piece of work alone. */
export class WriteGate {
  readonly #writes = new Pending()
  #closed: Promise<void> | null = null

  async enter<T>(write: () => Promise<T>): Promise<T> {
    while (this.#closed !== null) await this.#closed
    return await this.#writes.track(write())
  }

  /** Runs `work` once every write under way has ended; writes that come meanwhile wait. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    while (this.#closed !== null) await this.#closed
    let open = () => {}
    this.#closed = new Promise((resolve) => {
      open = resolve
    })
    try {
      await this.#writes.settled()
      return await work()
    } finally {
      this.#closed = null
      open()
    }
  }
}
