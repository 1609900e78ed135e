import { AppError, shown } from '../errors.ts'
import type { Timers } from '../scheduling/timers.ts'
import { type Embedder, MODEL_NAME } from './embedder.ts'
import type { Models } from './models.ts'
import { UsedModel } from './used-model.ts'

interface ModelRegistryOptions {
  /** The model of collections that name none; it stays open. */
  readonly defaultName: string
  readonly open: (name: string) => Promise<Embedder>
  readonly timers: Timers
  /** The milliseconds of disuse after which any other model is closed; null keeps it. */
  readonly idleMs: number | null
}

/** The milliseconds that a replaced model stays open for those who hold it: decoding takes less. */
const REPLACED_IDLE_MS = 60_000

/**
 * Opens each model once, on first use, and closes it when it has long been idle. A model that failed to open
 * is tried again by the next call.
 */
export class ModelRegistry implements Models {
  readonly defaultName: string
  readonly #options: ModelRegistryOptions
  readonly #opened = new Map<string, Promise<UsedModel>>()
  /** The models that are not closed, also replaced and dead ones. */
  readonly #alive = new Set<UsedModel>()
  #closed = false

  constructor(options: ModelRegistryOptions) {
    this.defaultName = options.defaultName
    this.#options = options
  }

  async load(name: string): Promise<Embedder> {
    if (this.#closed) throw new AppError('SHUTTING_DOWN', 'the models are closed')
    // A name becomes a path below the models folder: nothing else may.
    if (!MODEL_NAME.test(name)) throw new AppError('MODEL_NOT_FOUND', `no model ${shown(name)}`)
    let opening = this.#opened.get(name)
    if (opening === undefined) {
      opening = this.#open(name)
      this.#opened.set(name, opening)
      opening.catch(() => this.#opened.delete(name))
    }
    const model = await opening
    model.touch()
    return model.embedder
  }

  /** Includes models that are being opened. */
  get names(): readonly string[] {
    return [...this.#opened.keys()]
  }

  /** The names of the models that have stopped answering. */
  get silent(): readonly string[] {
    const silent = [...this.#alive].filter(({ embedder }) => embedder.isSilent)
    return silent.map(({ embedder }) => embedder.model)
  }

  /**
   * Opens a model again beside the active one, which answers until the new one is warm, finishes its calls, and is then
   * closed. A model that is not open is left alone.
   * @throws what opening throws, and MODEL_INVALID when the new one makes vectors of another length; the active one stays.
   */
  async reload(name: string): Promise<void> {
    const opening = this.#opened.get(name)
    if (opening === undefined) return
    const current = await opening
    const fresh = await this.#open(name)
    const [wanted, got] = [current.embedder.dimensions, fresh.embedder.dimensions]
    if (got !== wanted || this.#closed || this.#opened.get(name) !== opening) {
      await this.#close(fresh)
      if (got === wanted) return
      const message = `model ${name}: expected ${wanted} dimensions as before, got ${got}`
      throw new AppError('MODEL_INVALID', message)
    }
    this.#opened.set(name, Promise.resolve(fresh))
    current.whenIdle(REPLACED_IDLE_MS, () => void this.#close(current))
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.allSettled(this.#opened.values())
    await Promise.all([...this.#alive].map((model) => this.#close(model)))
  }

  async #open(name: string): Promise<UsedModel> {
    const { open, timers, defaultName, idleMs } = this.#options
    const drop = () => {
      this.#forget(name, model)
      void this.#close(model)
    }
    const model = new UsedModel(await open(name), timers, (error) => {
      // A model whose thread has died is opened again by the next call.
      if (error instanceof AppError && error.code === 'THREAD_FAILED') drop()
    })
    this.#alive.add(model)
    if (idleMs !== null && name !== defaultName) model.whenIdle(idleMs, drop)
    return model
  }

  #forget(name: string, model: UsedModel): void {
    const opening = this.#opened.get(name)
    void opening?.then((current) => {
      if (current === model && this.#opened.get(name) === opening) this.#opened.delete(name)
    })
  }

  /** Closes a model. One whose thread cannot even be ended stays alive, and silent. */
  async #close(model: UsedModel): Promise<void> {
    await model.close()
    if (!model.embedder.isSilent) this.#alive.delete(model)
  }
}
