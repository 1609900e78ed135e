import type { DiskReserve } from './disk-reserve.ts'

interface Parts {
  readonly reserve: DiskReserve
  /** Does what frees room by itself: the purge, the log. */
  readonly tidy: () => void
  /** Is told when writes are refused from now on, and when they are taken again. */
  readonly changed: (isFull: boolean) => void
}

/** The time between two looks whether there is room again, and between two at the size of the reserve. */
const LOOK_AFTER_MS = 2000
const FILL_AFTER_MS = 60_000
const FILL_AFTER_BYTES = 4 * 1024 * 1024
/** The time between two steps of a large reserve. */
const FILL_AGAIN_AFTER_MS = 100

/** Knows whether the disk is full, and finds out when it no longer is. */
export class DiskRoom {
  readonly #parts: Parts
  #isFull = false
  #wroteBytes = 0
  #timer: NodeJS.Timeout | null = null

  constructor(parts: Parts) {
    this.#parts = parts
    this.#lookAfter(0)
  }

  get isFull(): boolean {
    return this.#isFull
  }

  /** To be called when a write found no room. */
  ranOut(): void {
    if (this.#isFull) return
    this.#isFull = true
    this.#parts.changed(true)
    this.#lookAfter(LOOK_AFTER_MS)
  }

  /** To be called with the bytes of a commit: the reserve grows along. */
  wrote(bytes: number): void {
    this.#wroteBytes += bytes
    if (this.#wroteBytes < FILL_AFTER_BYTES) return
    this.#wroteBytes = 0
    this.#fill()
  }

  /** Gives the reserve up for what frees room; returns whether there was any. */
  release(): boolean {
    return this.#parts.reserve.release()
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  #lookAfter(ms: number): void {
    this.close()
    this.#timer = setTimeout(() => this.#look(), ms)
  }

  #look(): void {
    const { reserve, tidy, changed } = this.#parts
    if (this.#isFull) tidy()
    const complete = this.#fill()
    if (!this.#isFull) {
      this.#lookAfter(complete ? FILL_AFTER_MS : FILL_AGAIN_AFTER_MS)
      return
    }
    if (complete && reserve.isHeld) {
      this.#isFull = false
      changed(false)
    }
    this.#lookAfter(LOOK_AFTER_MS)
  }

  /** A reserve that cannot be made is done without. */
  #fill(): boolean {
    try {
      return this.#parts.reserve.fill()
    } catch {
      return true
    }
  }
}
