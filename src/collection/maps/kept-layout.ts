import type { MapAnswer, MapValues } from '../../engine/map.ts'
import { AppError } from '../../errors.ts'

/** The document of this name is kept with the collection. */
export const LAYOUT_DOCUMENT = 'map'

/** Where records were laid out, as it is kept: without their ids, so that nothing of a deleted record can be read in it. */
export interface KeptLayout {
  /** The generation, and the model, whose vectors it is of. */
  readonly generation: number
  readonly model: string | null
  readonly seed: number
  /** ISO 8601, UTC. */
  readonly madeAt: string
  /** A number of 53 bits for each record (see `idNumber`), float64 in base64. */
  readonly records: string
  /** Two numbers for each record, float32 in base64. */
  readonly points: string
}

/** @throws MAP_NOT_FOUND, MAP_OUTDATED. */
export function validLayout(
  document: unknown,
  collection: string,
  active: Pick<KeptLayout, 'generation' | 'model'>,
): KeptLayout {
  const layout = document as KeptLayout | null
  if (layout === null) {
    const message = `expected a collection that was laid out, got ${collection}, which was not`
    throw new AppError('MAP_NOT_FOUND', message)
  }
  const { generation, model } = layout
  if (generation === active.generation && model === active.model) return layout
  throw new AppError(
    'MAP_OUTDATED',
    `expected a map of the active vectors of ${collection}, got one of the model ${model}, generation ${generation}`,
  )
}

/** Puts the points of a map where a layout has them; records that it has not are left out. */
export function onLayout<Answer extends MapAnswer>(answer: Answer, layout: KeptLayout): Answer {
  const records = new Float64Array(bytesOf(layout.records))
  const places = new Float32Array(bytesOf(layout.points))
  const placeOf = new Map(Array.from(records, (record, place) => [record, place]))
  const kept: number[] = []
  const points: number[] = []
  answer.ids.forEach((id, i) => {
    const place = placeOf.get(idNumber(id))
    if (place === undefined) return
    kept.push(i)
    points.push(places[2 * place]!, places[2 * place + 1]!)
  })
  return {
    ...answer,
    ids: kept.map((i) => answer.ids[i]!),
    points: Float32Array.from(points),
    values: answer.values && valuesOf(answer.values, kept),
  }
}

function valuesOf(values: MapValues, kept: readonly number[]): MapValues {
  if (values.kind === 'numbers') {
    return { ...values, numbers: Float32Array.from(kept, (i) => values.numbers[i]!) }
  }
  return { ...values, places: Uint16Array.from(kept, (i) => values.places[i]!) }
}

/** A number of 53 bits for an id: two sums of FNV-1a (Fowler, Noll and Vo). Of 20,000 ids two share one once in 45 million times. */
export function idNumber(id: string): number {
  let low = 0x811c9dc5
  let high = 0x9e3779b1
  for (let i = 0; i < id.length; i++) {
    const code = id.charCodeAt(i)
    low = Math.imul(low ^ code, 0x01000193)
    high = Math.imul(high ^ code, 0x85ebca6b)
  }
  low ^= low >>> 15
  high = Math.imul(high ^ (high >>> 13), 0xc2b2ae35)
  return (high >>> 11) * 2 ** 32 + (low >>> 0)
}

function bytesOf(base64: string): ArrayBuffer {
  return Uint8Array.from(Buffer.from(base64, 'base64')).buffer
}
