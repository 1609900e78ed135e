import { MAX_COUNTED_NUMBERS, MAX_MAP_VALUES, type MapValues } from '../../map.ts'
import { mostFrequent } from '../search/most-frequent.ts'
import type { FacetsOfKeys } from '../store/facet-table.ts'

/**
 * Gives the first value of one field for each point.
 * @param versions the position of each point among the versions found, -1 where it is not.
 */
export async function mapValues(
  found: FacetsOfKeys,
  versions: Int32Array,
  signal?: AbortSignal,
): Promise<MapValues> {
  const { values, cut } = found
  const complete = cut.length === 0
  const own = firstValues(found, versions)
  if (values.length > MAX_COUNTED_NUMBERS && values.every((value) => typeof value === 'number')) {
    const numbers = Float32Array.from(own, (number) => (number < 0 ? Number.NaN : values[number]!))
    return { kind: 'numbers', complete, numbers }
  }
  const counts = new Uint32Array(values.length)
  for (const number of own) if (number >= 0) counts[number]!++
  const used = Array.from(values.keys()).filter((number) => counts[number]! > 0)
  const shown = await mostFrequent(used, counts, values, MAX_MAP_VALUES, signal)
  const placeOf = new Uint16Array(values.length).fill(shown.length + 1)
  shown.forEach((number, i) => {
    placeOf[number] = i + 1
  })
  return {
    kind: 'values',
    complete,
    values: shown.map((number) => values[number]!),
    places: Uint16Array.from(own, (number) => (number < 0 ? 0 : placeOf[number]!)),
  }
}

/** The number of the first value of each point; -1 where it has none. */
function firstValues({ starts, cells }: FacetsOfKeys, versions: Int32Array): Int32Array {
  return versions.map((i) => (i >= 0 && starts[i]! < starts[i + 1]! ? cells[starts[i]!]! : -1))
}
