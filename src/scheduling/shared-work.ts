/** One piece of work for all that wait for it: it is stopped when the last of them stops waiting. */
export class SharedWork {
  /** Settles as the work does. */
  readonly done: Promise<void>
  readonly #stop = new AbortController()
  #waiting = 0

  constructor(work: (signal: AbortSignal) => Promise<void>) {
    this.done = Promise.resolve().then(() => work(this.#stop.signal))
    // Whoever waits gets the failure; nobody has to.
    this.done.catch(() => undefined)
  }

  /** Whether it was stopped: whoever needs it now begins it again. */
  get stopped(): boolean {
    return this.#stop.signal.aborted
  }

  /** Resolves when the work is done. @throws what it throws, and what `signal` aborts with. */
  async wait(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    this.#waiting++
    let leave = () => {}
    const left = new Promise<never>((_, reject) => {
      leave = () => {
        this.#waiting--
        if (this.#waiting === 0) this.#stop.abort(signal?.reason)
        reject(signal?.reason)
      }
    })
    signal?.addEventListener('abort', leave, { once: true })
    try {
      await Promise.race([this.done, left])
    } finally {
      signal?.removeEventListener('abort', leave)
    }
  }
}
