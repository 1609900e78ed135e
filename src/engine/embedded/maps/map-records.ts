import { drawIndices, seededRandom } from '../../../vector/random.ts'
import type { MapAnswer, MapQuery } from '../../map.ts'
import type { GenerationParts, RecordReads } from '../generation-parts.ts'
import type { GenerationRows } from '../rows/generation-rows.ts'
import { pinned } from '../rows/pinned.ts'
import type { FacetsOfKeys } from '../store/facet-table.ts'
import type { KeptPlane } from './kept-plane.ts'
import { mapValues } from './map-values.ts'

interface Mapped {
  readonly rows: GenerationRows
  readonly records: Pick<RecordReads, 'facets'>
  readonly selections: GenerationParts['selections']
  readonly plane: KeptPlane
}

/** Seeds the draw of records where a map cannot show all. */
const DRAW_SEED = 1
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
    const drawn = await draw(rows, found, limit, signal)
    const wanted = { rows: rows.vectors.view(), listed: drawn.rows, plane }
    const points = await selections.call('places', wanted, { signal })
    return {
      ids: await idsOf(rows, drawn.rows, signal),
      points,
      of: drawn.of,
      values: found && mapValues(found, drawn.versions),
      plane: {
        records: plane?.records ?? 0,
        changes: plane === null ? 0 : rows.changes - plane.at,
        shares: plane?.shares ?? [0, 0],
      },
    }
  })
}

interface Drawn {
  /** In row order. */
  readonly rows: Uint32Array
  /** The position of each among the versions that were found with their values. */
  readonly versions: Uint32Array
  readonly of: number
}

/** Draws up to `limit` rows: of those in use now, or of those whose values were found. */
async function draw(
  { slots }: GenerationRows,
  found: FacetsOfKeys | null,
  limit: number,
  signal?: AbortSignal,
): Promise<Drawn> {
  if (found === null) {
    const rows = slots.rowsInUse()
    const chosen = Uint32Array.from(drawnOf(rows.length, limit), (i) => rows[i]!)
    return { rows: chosen, versions: new Uint32Array(0), of: rows.length }
  }
  const rows = new Uint32Array(found.keys.length)
  const versions = new Uint32Array(found.keys.length)
  let count = 0
  for (let i = 0; i < found.keys.length; i++) {
    if (i % RECORDS_A_TURN === RECORDS_A_TURN - 1) await nextTurn(signal)
    // It may have no vector yet.
    const row = slots.rowOfKey(found.keys[i]!)
    if (row === undefined) continue
    rows[count] = row
    versions[count++] = i
  }
  const places = drawnOf(count, limit)
  return {
    rows: Uint32Array.from(places, (i) => rows[i]!),
    versions: Uint32Array.from(places, (i) => versions[i]!),
    of: count,
  }
}

/** Gives up to `limit` of the numbers below `count`, ascending. */
function drawnOf(count: number, limit: number): Uint32Array {
  if (count <= limit) return Uint32Array.from({ length: count }, (_, i) => i)
  return Uint32Array.from(drawIndices(count, limit, seededRandom(DRAW_SEED))).sort()
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

async function nextTurn(signal?: AbortSignal): Promise<void> {
  await new Promise(setImmediate)
  signal?.throwIfAborted()
}
