import { setImmediate as nextTurn } from 'node:timers/promises'
import type { VectorInput } from '../../collection/requests.ts'
import { checkNewId } from '../../engine/collection-spec.ts'
import { type Metadata, parseMetadata } from '../../engine/metadata.ts'
import { AppError, shown } from '../../errors.ts'
import { expiryOf } from '../body/expiry.ts'
import { createJsonParser } from '../body/json-text.ts'
import { vectorNumbers } from '../body/vector-input.ts'
import { type App, type CallContext, call, json } from '../call.ts'
import { sendWithList } from '../json-answer.ts'
import * as shared from '../schemas/shared.ts'
import { closed, Type } from '../schemas/type.ts'
import { AddAnswer } from './put-image.ts'

const PointSchema = closed(
  {
    id: Type.String(),
    vector: shared.VectorInput,
    metadata: Type.Optional(shared.Metadata),
    expiresAt: Type.Optional(shared.ExpiresAt),
  },
  { title: 'Point' },
)

const VectorsBody = closed(
  { points: Type.Array(PointSchema, { minItems: 1, maxItems: shared.MAX_BATCH }) },
  { examples: [{ points: [{ id: 'a', vector: [0.1, 0.2, 0.3], metadata: { label: 'cat' } }] }] },
)

/** Points in a form that crosses threads without a copy of the numbers. */
interface PointColumns {
  readonly ids: readonly string[]
  /** The JSON text of each point's metadata; null for none. Text crosses threads far faster than objects. */
  readonly metadata: readonly (string | null)[]
  /** Milliseconds since 1970; null for none. */
  readonly expiries: readonly (number | null)[]
  /** All vectors, one after the other. Doubles, so that what float32 cannot hold is still seen. */
  readonly numbers: Float64Array
  /** How many of the numbers each point has. */
  readonly lengths: Uint32Array
}

const parseBody = createJsonParser(VectorsBody)

/** Reads `{ points: [{ id, vector, metadata? }] }`. */
export function readVectorsBody(body: Uint8Array): PointColumns {
  const { points } = parseBody(body)
  const seen = new Set<string>()
  const metadata: (string | null)[] = []
  const expiries: (number | null)[] = []
  const vectors: Float64Array[] = []
  let total = 0
  for (const [i, point] of points.entries()) {
    checkNewId(point.id)
    if (seen.has(point.id)) {
      throw new AppError('DUPLICATE_ID', `expected each id once, got ${shown(point.id)} twice`)
    }
    seen.add(point.id)
    const vector = vectorNumbers(point.vector, `/points/${i}/vector`)
    vectors.push(vector)
    total += vector.length
    const given = point.metadata === undefined ? null : parseMetadata(point.metadata)
    expiries.push(expiryOf(point.expiresAt, `/points/${i}/expiresAt`).expiresAt ?? null)
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
    expiries,
    numbers,
    lengths: Uint32Array.from(vectors, ({ length }) => length),
  }
}

export function registerAddVectors(app: App, { collections, readJson }: CallContext): void {
  call(app, 'addVectors', 'POST /v1/collections/:collection/vectors', {
    summary:
      'Add or replace records that were embedded elsewhere; all are checked before the first is stored',
    tag: 'images',
    params: shared.CollectionParams,
    body: { 'application/json': VectorsBody },
    answers: {
      200: json('What became of each point, in order.', closed({ results: Type.Array(AddAnswer) })),
    },
    problems: [404, 413, 415],
    handler: async (request, reply) => {
      const collection = collections.get(request.params.collection)
      const columns = await readJson(request, readVectorsBody)
      const results = await collection.addVectors(await toPoints(columns))
      return sendWithList(reply, 'results', results, {})
    },
  })
}

/** Characters of metadata that are parsed before other requests get their turn. */
const METADATA_LENGTH_A_TURN = 512 * 1024

async function toPoints(columns: PointColumns): Promise<readonly VectorInput[]> {
  const points: VectorInput[] = []
  let at = 0
  let parsed = 0
  for (let i = 0; i < columns.ids.length; i++) {
    const text = columns.metadata[i] ?? null
    const expiresAt = columns.expiries[i] ?? null
    parsed += text?.length ?? 0
    if (parsed > METADATA_LENGTH_A_TURN) {
      await nextTurn()
      parsed = 0
    }
    const end = at + columns.lengths[i]!
    points.push({
      id: columns.ids[i]!,
      vector: columns.numbers.subarray(at, end),
      metadata: text === null ? {} : (JSON.parse(text) as Metadata),
      ...(expiresAt !== null && { expiresAt }),
    })
    at = end
  }
  return points
}
