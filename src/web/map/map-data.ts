import type { MapAnswer, MapMethod, Value } from '../api/contract.ts'
import { ask, collectionPath } from '../api/service.ts'

/** The values of a field by point. */
export type MapField = { readonly name: string } & (
  | {
      readonly kind: 'values'
      /** The most frequent first. */
      readonly values: readonly Value[]
      /** The place of the value of each point, from 1; 0: none; one more than there are values: another. */
      readonly places: Uint16Array
    }
  | { readonly kind: 'numbers'; readonly numbers: Float32Array }
)

/** A map as it is drawn. */
export interface MapData
  extends Pick<MapAnswer, 'ids' | 'of' | 'complete' | 'plane' | 'method' | 'madeAt'> {
  /** x and y of each point, one after the other. */
  readonly points: Float32Array
  readonly field: MapField | null
}

export async function loadMap(
  collection: string,
  method: MapMethod,
  field: string | null,
  signal: AbortSignal,
): Promise<MapData> {
  const query = new URLSearchParams({ method, ...(field !== null && { field }) })
  const path = collectionPath(collection, `/map?${query}`)
  const { points, field: found, ...rest } = await ask<MapAnswer>('GET', path, { signal })
  return { ...rest, points: new Float32Array(bytesOf(points)), field: found && fieldOf(found) }
}

function fieldOf({ name, values, places, numbers }: NonNullable<MapAnswer['field']>): MapField {
  if (numbers !== undefined) {
    return { name, kind: 'numbers', numbers: new Float32Array(bytesOf(numbers)) }
  }
  return { name, kind: 'values', values: values!, places: new Uint16Array(bytesOf(places!)) }
}

function bytesOf(base64: string): ArrayBuffer {
  const text = atob(base64)
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes.buffer
}
