import type { Embedder } from './embedder.ts'

/** Port: the models that can embed. */
export interface Models {
  /** The model of collections that name none. */
  readonly defaultName: string
  /** Loads and warms a model; later calls get the same one. @throws MODEL_NOT_FOUND, MODEL_INVALID. */
  load(name: string): Promise<Embedder>
}
