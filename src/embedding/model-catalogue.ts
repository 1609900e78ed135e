import type { ModelBundle } from './model-bundle.ts'

/** What there is to know of a model without opening it. */
export interface CatalogueEntry {
  readonly name: string
  readonly dimensions: number
  /** The first so many numbers, and any more, are an embedding too; `dimensions`: only all are. */
  readonly minDimensions: number
  readonly licence: string
  /** Seconds since 1970: when its description was written. */
  readonly createdAt: number
}

/** Port: the models there are, opened or not. */
export interface ModelCatalogue {
  /** In the order of names. A model whose description is faulty is none. */
  list(): Promise<readonly CatalogueEntry[]>
  /** A description, and the ONNX file that it names. @throws MODEL_NOT_FOUND, MODEL_INVALID. */
  read(name: string): Promise<{ readonly bundle: ModelBundle; readonly onnx: Uint8Array }>
}
