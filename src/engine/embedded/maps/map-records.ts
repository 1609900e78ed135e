import { nextTurn } from '../../../scheduling/next-turn.ts'
import type { MapAnswer, MapQuery } from '../../map.ts'
import type { GenerationParts, RecordReads } from '../generation-parts.ts'
import type { GenerationRows } from '../rows/generation-rows.ts'
import { pinned } from '../rows/pinned.ts'
import { drawRows } from './draw-rows.ts'
import type { KeptPlane } from './kept-plane.ts'
import { mapValues } from './map-values.ts'

interface Mapped {
  readonly rows: GenerationRows
  readonly records: Pick<RecordReads, 'facets'>
  readonly selections: GenerationParts['selections']
  readonly plane: KeptPlane
}

/** Records looked up before other work gets its turn: about 1 ms. */
const RECORDS_A_TURN = 5_000

/** Places the records of one moment on the plane that is kept. */
export async function mapRecords(
  { rows, records, selections, plane: kept }: Mapped,
  { field, limit }: MapQuery,
  signal?: AbortSignal,
): Promise<MapAnswer> {
  const plane = rows.count === 0 ? null : await kept.find(signal)
  return await pinned(rows, async () => {
    const found = field === null ? null : await records.facets(null, [field], signal)
    const of = rows.count
    const listed = await drawRows(rows.slots, limit, signal)
    const versions = found && (await versionsOf(rows, listed, found.keys, signal))
    const wanted = { rows: rows.vectors.view(), listed, plane }
    const points = await selections.call('places', wanted, { signal })
    return {
      ids: await idsOf(rows, listed, signal),
      points,
      of,
      values: found && (await mapValues(found, versions!, signal)),
      plane: {
        records: plane?.records ?? 0,
        changes: plane === null ? 0 : rows.changes - plane.at,
        shares: plane?.shares ?? [0, 0],
      },
    }
  })
}

/**
 * Gives the position of each row among the versions that were found with their values; -1 where another version of its record
 * was, which was written at the same time.
 */
async function versionsOf(
  { slots, vectors }: GenerationRows,
  listed: Uint32Array,
  keys: Float64Array,
  signal?: AbortSignal,
): Promise<Int32Array> {
  const versionOf = new Int32Array(vectors.count).fill(-1)
  for (let i = 0; i < keys.length; i++) {
    if (i % RECORDS_A_TURN === RECORDS_A_TURN - 1) await nextTurn(signal)
    // It may have no vector yet.
    const row = slots.rowOfKey(keys[i]!)
    if (row !== undefined) versionOf[row] = i
  }
  return Int32Array.from(listed, (row) => versionOf[row]!)
}

async function idsOf(
  { slots }: GenerationRows,
  rows: Uint32Array,
  signal?: AbortSignal,
): Promise<string[]> {
  const ids: string[] = []
  for (const row of rows) {
    if (ids.length % RECORDS_A_TURN === RECORDS_A_TURN - 1) await nextTurn(signal)
    ids.push(slots.id(row))
  }
  return ids
}
