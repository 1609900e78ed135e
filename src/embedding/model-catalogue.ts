import type { ModelBundle } from './model-bundle.ts'

/** What is known of a model without opening it. */
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
  /** In the order of names. A model whose description is faulty is none. */
  list(): Promise<readonly CatalogueEntry[]>
  /** Reads a description, and the ONNX file that it names. @throws MODEL_NOT_FOUND, MODEL_INVALID. */
  read(name: string): Promise<{ readonly bundle: ModelBundle; readonly onnx: Uint8Array }>
}
