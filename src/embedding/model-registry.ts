import { AppError, shown } from '../errors.ts'
import type { Embedder } from './embedder.ts'
import type { Models } from './models.ts'

/** Opens each model once, on first use. What failed to open is tried anew by the next call. */
export class ModelRegistry implements Models {
  readonly defaultName: string
  readonly #open: (name: string) => Promise<Embedder>
  readonly #opened = new Map<string, Promise<Embedder>>()
  #closed = false

  constructor(defaultName: string, open: (name: string) => Promise<Embedder>) {
    this.defaultName = defaultName
    this.#open = open
  }

  async load(name: string): Promise<Embedder> {
    if (this.#closed) throw new AppError('SHUTTING_DOWN', 'the models are closed')
    const known = this.#opened.get(name)
    if (known !== undefined) return await known
    // A name becomes a path below the models folder: nothing else may.
    if (!/^[a-z0-9][a-z0-9._-]*$/i.test(name)) {
      throw new AppError('MODEL_NOT_FOUND', `no model ${shown(name)}`)
    }
    const opening = this.#open(name).then((embedder) => this.#watched(name, embedder))
    this.#opened.set(name, opening)
    opening.catch(() => this.#opened.delete(name))
    return await opening
  }

  /** A model whose thread has died is forgotten, so that the next call opens it anew. */
  #watched(name: string, embedder: Embedder): Embedder {
    return {
      ...embedder,
      embed: async (pixels, options) => {
        try {
          return await embedder.embed(pixels, options)
        } catch (error) {
          if (error instanceof AppError && error.code === 'THREAD_FAILED') {
            this.#opened.delete(name)
          }
          throw error
        }
      },
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    const opened = await Promise.allSettled(this.#opened.values())
    for (const result of opened) {
      if (result.status === 'fulfilled') await result.value.close()
    }
  }
}
