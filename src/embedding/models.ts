import type { Embedder } from './embedder.ts'

/** The names that a bundle, and so its folder, may have. */
export const MODEL_NAME = /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,127}$/

/** Port: opens the models that can embed. */
export interface Models {
  /** The model of collections that name none. */
  readonly defaultName: string
  /** Loads and warms a model; later calls get the same one. @throws MODEL_NOT_FOUND, MODEL_INVALID. */
  load(name: string): Promise<Embedder>
}
