import { Pending } from './pending.ts'

/** Lets writes through side by side, and at times one piece of work alone. */
export class WriteGate {
  readonly #writes = new Pending()
  #closed: Promise<void> | null = null

  async enter<T>(write: () => Promise<T>): Promise<T> {
    while (this.#closed !== null) await this.#closed
    return await this.#writes.track(write())
  }

  /** Once every write under way has ended; those that come meanwhile wait. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    while (this.#closed !== null) await this.#closed
    const { promise, open } = gate()
    this.#closed = promise
    try {
      await this.#writes.settled()
      return await work()
    } finally {
      this.#closed = null
      open()
    }
  }
}

function gate(): { promise: Promise<void>; open: () => void } {
  let open: () => void = () => undefined
  const promise = new Promise<void>((resolve) => {
    open = resolve
  })
  return { promise, open }
}
