import { readVectorsBody } from '../calls/add-vectors.ts'
import { readCalibrateBody } from '../calls/calibrate.ts'
import { readCreateBody } from '../calls/collections.ts'
import { readCountBody } from '../calls/count.ts'
import {
  readAssignBody,
  readDifferBody,
  readMergeBody,
  readSplitBody,
} from '../calls/curate-identities.ts'
import { readDeleteBody } from '../calls/delete-records.ts'
import { readDuplicatesBody } from '../calls/duplicates.ts'
import { readEmbeddingsBody } from '../calls/embed.ts'
import { readEvaluateBody } from '../calls/evaluate.ts'
import { readFacetsBody } from '../calls/facets.ts'
import { readHubsBody } from '../calls/hubs.ts'
import { readIdentifyBody } from '../calls/identify.ts'
import { readIdentityEdit } from '../calls/identities.ts'
import { readUndoBody } from '../calls/identity-history.ts'
import { readImportBody } from '../calls/import.ts'
import { readJoinBody } from '../calls/join.ts'
import { readObserveBody } from '../calls/observe.ts'
import { readImageBody } from '../calls/put-image.ts'
import { readPatchBody } from '../calls/record.ts'
import { readReembedBody } from '../calls/reembed.ts'
import { readReverseBody } from '../calls/reverse-search.ts'
import { readSearchBody } from '../calls/search.ts'
import { readIdentitiesBody } from '../calls/search-identities.ts'
import { readSelectBody } from '../calls/select.ts'
import { readSuggestionsBody } from '../calls/suggestions.ts'
import { readTrainingBody } from '../calls/train.ts'
import { readUnknownsBody } from '../calls/unknowns.ts'
import { readVerifyBody } from '../calls/verify.ts'

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
  count: readCountBody,
  facets: readFacetsBody,
  select: readSelectBody,
  embeddings: readEmbeddingsBody,
  duplicates: readDuplicatesBody,
  join: readJoinBody,
  reverse: readReverseBody,
  hubs: readHubsBody,
  identities: readIdentitiesBody,
  merge: readMergeBody,
  split: readSplitBody,
  assign: readAssignBody,
  differ: readDifferBody,
  undo: readUndoBody,
  identity: readIdentityEdit,
  identify: readIdentifyBody,
  unknowns: readUnknownsBody,
  suggestions: readSuggestionsBody,
  observe: readObserveBody,
  calibrate: readCalibrateBody,
  evaluate: readEvaluateBody,
  verify: readVerifyBody,
  import: readImportBody,
  reembed: readReembedBody,
  training: readTrainingBody,
} as const

export type BodyKind = keyof typeof BODY_READERS
