import type { Collection } from '../../collection/collection.ts'
import type { RecordPage } from '../../collection/requests.ts'
import { fieldPath } from '../../engine/field-path.ts'
import { parseFilter } from '../../engine/filter.ts'
import { identityAt } from '../../engine/identity-value.ts'
import { AppError } from '../../errors.ts'
import { packRows } from '../../vector/row-matrix.ts'
import { toStoredVector } from '../../vector/stored-vector.ts'
import type { TrainingContext } from '../context.ts'
import { MAX_IMAGES } from './labelled-images.ts'
import type { VectorSource } from './source.ts'

const PAGE = 1000

/**
 * Reads the vectors of a collection, of unit length, with the value of a metadata field as the
 * label; in the order of ids. Records whose field is no text, number or boolean are left out.
 * @throws INVALID_REQUEST for more than 100,000 records, and where no record has a label.
 */
export async function collectionVectors(
  collection: Pick<Collection, 'page' | 'spec'>,
  field: string,
  { onNote, signal }: Pick<TrainingContext, 'onNote' | 'signal'>,
): Promise<VectorSource> {
  const { name, dimensions } = collection.spec
  const vectors: Float32Array[] = []
  const labels: string[] = []
  let unlabelled = 0
  const path = fieldPath(field)
  const filter = parseFilter({ [field]: { $exists: true } })
  let cursor: string | null = null
  do {
    signal.throwIfAborted()
    const wanted = { limit: PAGE, cursor, filter, vectors: true }
    const page: RecordPage = await collection.page(wanted, { signal })
    for (const { metadata, vector } of page.records) {
      const value = identityAt(metadata, path)
      if (value !== null && vector !== undefined) {
        labels.push(String(value))
        vectors.push(toStoredVector(vector, dimensions, 'cosine'))
      } else unlabelled++
    }
    if (vectors.length > MAX_IMAGES) {
      const most = `at most ${MAX_IMAGES} records with ${field}`
      throw new AppError('INVALID_REQUEST', `${name}: expected ${most}, got more`)
    }
    cursor = page.cursor
  } while (cursor !== null)
  if (labels.length === 0) {
    const { records } = await collection.page({
      limit: 1,
      cursor: null,
      filter: null,
      vectors: false,
    })
    const fields = Object.keys(records[0]?.metadata ?? {}).join(', ')
    const there =
      records.length === 0 ? 'it is empty' : `its first record has ${fields || 'no field'}`
    const wanted = `records with ${field} as text, a number or a boolean`
    throw new AppError('INVALID_REQUEST', `${name}: expected ${wanted}, got none: ${there}`)
  }
  if (unlabelled > 0) onNote(`left out records whose ${field} is no label: ${unlabelled}`)
  return { kind: 'vectors', labels, vectors: packRows(vectors, dimensions) }
}

/** Names the model that gave the vectors of a collection. @throws COLLECTION_WITHOUT_MODEL */
export function backboneOf({ model, name }: Collection['spec']): string {
  if (model !== null) return model
  const wanted = 'a collection with a model, whose vectors are features of it'
  throw new AppError('COLLECTION_WITHOUT_MODEL', `expected ${wanted}, got ${name}`)
}
