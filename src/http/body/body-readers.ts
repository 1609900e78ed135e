import { readCreateBody, readPatchBody } from './collection-bodies.ts'
import { readDeleteBody } from './delete-body.ts'
import { readDuplicatesBody } from './duplicates-body.ts'
import { readEmbeddingsBody } from './embeddings-body.ts'
import { readIdentitiesBody } from './identities-body.ts'
import { readImageBody } from './image-body.ts'
import { readImportBody } from './import-body.ts'
import { readReembedBody } from './reembed-body.ts'
import { readSearchBody } from './search-body.ts'
import { readTrainingBody } from './training-body.ts'
import { readVectorsBody } from './vectors-body.ts'

/**
 * JSON bodies from bytes to checked values, by name. Each is a plain function of the bytes, so that it
 * runs here for small bodies and in the body thread for large ones.
 */
export const BODY_READERS = {
  create: readCreateBody,
  patch: readPatchBody,
  image: readImageBody,
  vectors: readVectorsBody,
  delete: readDeleteBody,
  search: readSearchBody,
  embeddings: readEmbeddingsBody,
  duplicates: readDuplicatesBody,
  identities: readIdentitiesBody,
  import: readImportBody,
  reembed: readReembedBody,
  training: readTrainingBody,
} as const

export type BodyKind = keyof typeof BODY_READERS
export type BodyOf<K extends BodyKind> = ReturnType<(typeof BODY_READERS)[K]>
