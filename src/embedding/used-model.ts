import type { Timers } from '../scheduling/timers.ts'
import type { Embedder } from './embedder.ts'

/** A model of the registry, which knows whether somebody is using it. */
export class UsedModel {
  /** The model, whose calls are counted. */
  readonly embedder: Embedder
  readonly #model: Embedder
  readonly #timers: Timers
  #inFlight = 0
  #idle: { readonly ms: number; readonly then: () => void } | null = null
  #timer: unknown = null
  #closing: Promise<void> | null = null

  constructor(model: Embedder, timers: Timers, onError: (error: unknown) => void) {
    this.#model = model
    this.#timers = timers
    const embed: Embedder['embed'] = async (pixels, options) => {
      this.#inFlight++
      try {
        return await model.embed(pixels, options)
      } catch (error) {
        onError(error)
        throw error
      } finally {
        this.#inFlight--
        this.touch()
      }
    }
    this.embedder = {
      ...model,
      get maxBatch() {
        return model.maxBatch
      },
      get sessions() {
        return model.sessions
      },
      get isSilent() {
        return model.isSilent
      },
      embed,
    }
  }

  /** Calls back, once, when nobody has used the model for `ms`. Replaces an earlier call. */
  whenIdle(ms: number, then: () => void): void {
    this.#idle = { ms, then }
    this.touch()
  }

  /** Starts its idle time again: somebody is about to use it, or has. */
  touch(): void {
    this.#stopTimer()
    if (this.#idle === null || this.#closing !== null) return
    const { ms, then } = this.#idle
    const due = () => {
      if (this.#inFlight > 0) return
      this.#idle = null
      then()
    }
    this.#timer = this.#timers.set(due, ms)
  }

  close(): Promise<void> {
    this.#closing ??= this.#model.close()
    this.#stopTimer()
    return this.#closing
  }

  #stopTimer(): void {
    if (this.#timer !== null) this.#timers.clear(this.#timer)
    this.#timer = null
  }
}
