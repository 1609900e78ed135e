import { type ReadJson, rawBody } from '../call.ts'
import type { BodyReader } from './body-reader.ts'
import { BODY_READERS, type BodyKind } from './body-readers.ts'

/** Finds the name of each reader for the thread, so that a call can name the function that it has beside it. */
export function createReadJson(bodies: BodyReader): ReadJson {
  const kinds = new Map<unknown, BodyKind>(
    Object.entries(BODY_READERS).map(([kind, reader]) => [reader, kind as BodyKind]),
  )
  return async <T>(request: Parameters<ReadJson>[0], reader: (body: Uint8Array) => T) => {
    const kind = kinds.get(reader)
    if (kind === undefined) throw new Error(`${reader.name} is not in BODY_READERS`)
    return (await bodies.read(kind, rawBody(request))) as T
  }
}
