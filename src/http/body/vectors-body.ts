import { checkId } from '../../engine/collection-spec.ts'
import { parseMetadata } from '../../engine/metadata.ts'
import { AppError, shown } from '../../errors.ts'
import { createParser } from '../schema-check.ts'
import { VectorsBody } from '../schemas/record.ts'
import { parseJson } from './json-text.ts'
import { vectorNumbers } from './vector-input.ts'

/** Points in a form that crosses threads without a copy of the numbers. */
export interface PointColumns {
  readonly ids: readonly string[]
  /** JSON text of each point's metadata; null for none. Text crosses threads far faster than objects. */
  readonly metadata: readonly (string | null)[]
  /** All vectors, one after the other. Doubles, so that what float32 cannot hold is still seen. */
  readonly numbers: Float64Array
  /** How many numbers each point has. */
  readonly lengths: Uint32Array
}

const parseBody = createParser(VectorsBody)

/** `{ points: [{ id, vector, metadata? }] }`. */
export function readVectorsBody(body: Uint8Array): PointColumns {
  const { points } = parseBody(parseJson(body))
  const seen = new Set<string>()
  const metadata: (string | null)[] = []
  const vectors: Float64Array[] = []
  let total = 0
  for (const [i, point] of points.entries()) {
    checkId(point.id)
    if (seen.has(point.id)) {
      throw new AppError('DUPLICATE_ID', `expected each id once, got ${shown(point.id)} twice`)
    }
    seen.add(point.id)
    const vector = vectorNumbers(point.vector, `/points/${i}/vector`)
    vectors.push(vector)
    total += vector.length
    const given = point.metadata === undefined ? null : parseMetadata(point.metadata)
    metadata.push(given === null ? null : JSON.stringify(given))
  }
  const numbers = new Float64Array(total)
  let at = 0
  for (const vector of vectors) {
    numbers.set(vector, at)
    at += vector.length
  }
  return {
    ids: points.map((point) => point.id),
    metadata,
    numbers,
    lengths: Uint32Array.from(vectors, ({ length }) => length),
  }
}
