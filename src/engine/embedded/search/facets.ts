import { nextTurn } from '../../../scheduling/next-turn.ts'
import { hasBit, setBit, sharedBits } from '../../../vector/bitset.ts'
import type { FacetAnswer, FacetQuery } from '../../query.ts'
import type { GenerationParts, RecordReads } from '../generation-parts.ts'
import { allowedKeys } from '../rows/allowed-rows.ts'
import type { GenerationRows } from '../rows/generation-rows.ts'
import { pinned } from '../rows/pinned.ts'
import type { FacetsOfKeys } from '../store/facet-table.ts'
import { hitsOf } from './hits.ts'
import { mostFrequent } from './most-frequent.ts'

interface Searched {
  readonly rows: GenerationRows
  readonly records: Pick<RecordReads, 'facets'>
  readonly index: GenerationParts['index']
}

/** Versions that are counted before other work gets its turn: about 1 ms. */
const COUNTED_A_TURN = 5_000

/**
 * Counts the values of some fields in the records that meet a filter and are within a radius, or among the k nearest: of the
 * moment at which the filter was answered, whatever is written meanwhile.
 */
export async function countFacets(
  { rows, records, index }: Searched,
  { fields, filter, near, limit }: FacetQuery,
  signal?: AbortSignal,
): Promise<FacetAnswer> {
  return await pinned(rows, async () => {
    const found = await records.facets(filter, fields, signal)
    if (near === null) return await counted(found, null, rows, { fields, limit }, signal)
    const { vector, radius, k, without } = near
    const { bits: allowed } = await allowedKeys(rows, found.keys, without, signal)
    const within = sharedBits(rows.vectors.count)
    const wanted = { vector, radius: radius ?? Number.POSITIVE_INFINITY, allowed }
    if (k === null) await index.within({ ...wanted, into: within }, signal)
    else {
      const answer = await index.search({ ...wanted, k, from: -1 }, signal)
      for (const { key } of hitsOf(rows.slots, answer, { after: null, k })) {
        setBit(within, rows.slots.rowOfKey(key)!)
      }
    }
    return await counted(found, within, rows, { fields, limit }, signal)
  })
}

/** @param within bits of the rows that count; null for all versions found. */
async function counted(
  { keys, starts, cells, values, fields: fieldOf, cut }: FacetsOfKeys,
  within: Uint32Array | null,
  { slots }: GenerationRows,
  { fields, limit }: Pick<FacetQuery, 'fields' | 'limit'>,
  signal?: AbortSignal,
): Promise<FacetAnswer> {
  const counts = new Float64Array(values.length)
  let records = 0
  for (let i = 0; i < keys.length; i++) {
    if (i > 0 && i % COUNTED_A_TURN === 0) {
      await nextTurn(signal)
    }
    if (within !== null) {
      const row = slots.rowOfKey(keys[i]!)
      if (row === undefined || !hasBit(within, row)) continue
    }
    records++
    for (let c = starts[i]!; c < starts[i + 1]!; c++) counts[cells[c]!]!++
  }
  const lists: number[][] = fields.map(() => [])
  for (const number of values.keys()) {
    if (counts[number]! > 0) lists[fieldOf[number]!]!.push(number)
  }
  const found: FacetAnswer['fields'][number][] = []
  for (const [field, list] of lists.entries()) {
    const most = await mostFrequent(list, counts, values, limit, signal)
    found.push({
      values: most.map((number) => ({ value: values[number]!, count: counts[number]! })),
      complete: list.length <= limit && !cut.includes(field),
    })
  }
  return { records, exact: cut.length === 0, fields: found }
}
