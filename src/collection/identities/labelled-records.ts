import type { EngineCollection } from '../../engine/engine.ts'
import { parseFilter } from '../../engine/filter.ts'
import type { IdentityValue } from '../../engine/identity-value.ts'
import { numberClasses } from '../../evaluation/class-numbers.ts'
import { mapBounded } from '../../scheduling/map-bounded.ts'
import { drawIndices, type Random } from '../../vector/random.ts'
import { packRows } from '../../vector/row-matrix.ts'
import { identifiedRecords } from './identified-records.ts'
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
    const { dimensions, metric: space } = spec
    const rows = found.map(({ vector }) => vector)
    const { values } = packRows(rows, dimensions)
    // Numbered anew: records that went meanwhile may leave gaps.
    const { classes } = numberClasses(found.map(({ set }) => String(set)))
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
  const filter = parseFilter({ [identityFieldOf(engine.spec)]: { $exists: true } })
  const wanted = { filter, limit: PAGE, searchable: false }
  const sets = new Map<IdentityValue, string[]>()
  for await (const { record, identity } of identifiedRecords(engine, wanted, signal)) {
    const ids = sets.get(identity) ?? []
    ids.push(record.id)
    sets.set(identity, ids)
  }
  return [...sets.values()]
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
