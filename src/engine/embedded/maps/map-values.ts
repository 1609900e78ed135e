import { compareIdentities } from '../../identity-value.ts'
import { MAX_COUNTED_NUMBERS, MAX_MAP_VALUES, type MapValues } from '../../map.ts'
import type { FacetsOfKeys } from '../store/facet-table.ts'

/**
 * Gives the first value of one field for each point.
 * @param versions the position of each point among the versions found.
 */
export function mapValues(found: FacetsOfKeys, versions: Uint32Array): MapValues {
  const { values, cut } = found
  const complete = cut.length === 0
  const own = firstValues(found, versions)
  if (values.length > MAX_COUNTED_NUMBERS && values.every((value) => typeof value === 'number')) {
    const numbers = Float32Array.from(own, (number) => (number < 0 ? Number.NaN : values[number]!))
    return { kind: 'numbers', complete, numbers }
  }
  const counts = new Uint32Array(values.length)
  for (const number of own) if (number >= 0) counts[number]!++
  const order = Array.from(values.keys())
    .filter((number) => counts[number]! > 0)
    .sort((a, b) => counts[b]! - counts[a]! || compareIdentities(values[a]!, values[b]!))
  const shown = order.slice(0, MAX_MAP_VALUES)
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
function firstValues({ starts, cells }: FacetsOfKeys, versions: Uint32Array): Int32Array {
  return Int32Array.from(versions, (i) => (starts[i]! < starts[i + 1]! ? cells[starts[i]!]! : -1))
}
