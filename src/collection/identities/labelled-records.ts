import type { EngineCollection } from '../../engine/engine.ts'
import { fieldPath } from '../../engine/field-path.ts'
import { parseFilter } from '../../engine/filter.ts'
import { type IdentityValue, identityAt } from '../../engine/identity-value.ts'
import { mapBounded } from '../../scheduling/map-bounded.ts'
import { drawIndices, type Random } from '../../vector/random.ts'
import type { MeasuredImages } from './identity-measures.ts'
import { identityFieldOf } from './subject-views.ts'

interface Wanted {
  /** Records of all identities together, about. */
  readonly records: number
  readonly random: Random
  readonly signal: AbortSignal
}

/** Records of one identity that are taken. */
const MOST_OF_ONE = 20
const PAGE = 1000
const VECTORS_AT_ONCE = 16

/**
 * Draws identities of a collection, and records of each, and reads their vectors in the active generation.
 * @throws COLLECTION_WITHOUT_IDENTITIES.
 */
export async function labelledRecords(
  engine: EngineCollection,
  wanted: Wanted,
): Promise<MeasuredImages & { readonly generation: number }> {
  const { generation, release } = engine.pin()
  try {
    const { spec } = generation
    const sets = await identitiesOf(engine, wanted.signal)
    const chosen = drawRecords(sets, wanted)
    const vectors = await mapBounded(chosen, VECTORS_AT_ONCE, async ({ id, set }) => {
      wanted.signal.throwIfAborted()
      const vector = await generation.vector(id)
      return vector && { vector, set }
    })
    const found = vectors.filter((one) => one !== null)
    const values = new Float32Array(found.length * spec.dimensions)
    for (const [i, { vector }] of found.entries()) values.set(vector, i * spec.dimensions)
    // Records that went meanwhile may leave gaps.
    const numbers = new Map<number, number>()
    const classes = Int32Array.from(found, ({ set }) => {
      const number = numbers.get(set) ?? numbers.size
      numbers.set(set, number)
      return number
    })
    const { dimensions, metric: space } = spec
    return { values, dimensions, space, classes, generation: generation.generation }
  } finally {
    release()
  }
}

/** Gives the ids of the records of each identity. */
async function identitiesOf(
  engine: EngineCollection,
  signal: AbortSignal,
): Promise<readonly (readonly string[])[]> {
  const field = identityFieldOf(engine.spec)
  const path = fieldPath(field)
  const filter = parseFilter({ [field]: { $exists: true } })
  const sets = new Map<IdentityValue, string[]>()
  for (let after: string | null = null; ; ) {
    signal.throwIfAborted()
    const page = { after, limit: PAGE, filter, vectors: false, searchable: false }
    const records = await engine.scroll(page, signal)
    for (const { id, metadata } of records) {
      const identity = identityAt(metadata, path)
      if (identity === null) continue
      const ids = sets.get(identity) ?? []
      ids.push(id)
      sets.set(identity, ids)
    }
    if (records.length < PAGE) return [...sets.values()]
    after = records.at(-1)!.id
  }
}

function drawRecords(
  sets: readonly (readonly string[])[],
  { records, random }: Wanted,
): { readonly id: string; readonly set: number }[] {
  const chosen: { id: string; set: number }[] = []
  for (const set of drawIndices(sets.length, sets.length, random)) {
    if (chosen.length >= records) break
    const ids = sets[set]!
    for (const i of drawIndices(ids.length, MOST_OF_ONE, random)) chosen.push({ id: ids[i]!, set })
  }
  return chosen
}
