import type { Embedder } from './embedder.ts'
import type { ModelBundle } from './model-bundle.ts'

/** Port: opens the models that can embed. */
export interface Models {
  readonly defaultName: string
  /** Loads and warms a model; later calls get the same one. @throws MODEL_NOT_FOUND, MODEL_INVALID. */
  load(name: string): Promise<Embedder>
}

/** The facts about a model that are known without opening it. */
export interface CatalogueEntry {
  readonly name: string
  readonly dimensions: number
  /** The least number of leading numbers that are an embedding too; `dimensions`: only all are. */
  readonly minDimensions: number
  readonly licence: string
  /** When its description was written, in seconds since 1970. */
  readonly createdAt: number
}

/** Port: lists the models there are, opened or not. */
export interface ModelCatalogue {
  /** Lists them in the order of names. A model whose description is faulty is none. */
  list(): Promise<readonly CatalogueEntry[]>
  /** Reads a description, and the ONNX file that it names. @throws MODEL_NOT_FOUND, MODEL_INVALID. */
  read(name: string): Promise<{ readonly bundle: ModelBundle; readonly onnx: Uint8Array }>
}
