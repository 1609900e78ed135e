import { setBits } from '../../../vector/bitset.ts'
import type { CollectionSpec } from '../../collection-spec.ts'
import type { SelectAnswer, SelectQuery } from '../../query.ts'
import type { GenerationParts, RecordReads } from '../generation-parts.ts'
import { allowedRows } from '../rows/allowed-rows.ts'
import type { GenerationRows } from '../rows/generation-rows.ts'
import { pinned } from '../rows/pinned.ts'
import { packedIds } from './packed-ids.ts'

interface Searched {
  readonly spec: CollectionSpec
  readonly rows: GenerationRows
  readonly records: Pick<RecordReads, 'matching'>
  readonly selections: GenerationParts['selections']
}

/** Chooses among the records of the moment at which the filter was answered. */
export function selectRecords(
  { spec, rows, records, selections }: Searched,
  { what, k, filter }: SelectQuery,
  signal?: AbortSignal,
): Promise<SelectAnswer> {
  return pinned(rows, async () => {
    const { bits } = await allowedRows(rows, records, { filter, without: [] }, signal)
    const view = rows.vectors.view()
    const listed = Uint32Array.from(setBits(bits))
    const ids = await packedIds(rows.slots, listed, signal)
    const wanted = { rows: view, space: spec.metric, listed, ids, k }
    const withId = <One extends { readonly position: number }>({ position, ...rest }: One) => {
      return { id: rows.slots.id(listed[position]!), ...rest }
    }
    if (what === 'unusual') {
      const chosen = await selections.call('unusual', wanted, { signal })
      return { chosen: chosen.map(withId), of: listed.length }
    }
    const { chosen, radius } = await selections.call('representative', wanted, { signal })
    return { chosen: chosen.map(withId), of: listed.length, radius }
  })
}
