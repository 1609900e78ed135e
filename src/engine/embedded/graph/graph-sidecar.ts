import type { FileFacts } from '../../../files/hashing-reader.ts'
import { expectSame, sealed, unsealed } from '../../../files/sealed-json.ts'
import type { CacheSubject } from '../cache-files/cache-place.ts'
import type { GraphShape } from './graph-file.ts'

const MAGIC = 'lookalike graph'
const VERSION = 2

/** What is written beside a graph's file, since the library would load any file. */
export interface Sidecar extends CacheSubject, GraphShape, FileFacts {
  /** Name of the graph's file in the same folder. */
  readonly file: string
  /** The newest version that the truth had given the graph. */
  readonly newestKey: number
}

export function renderSidecar(sidecar: Sidecar): string {
  const { collection, generation, metric, dimensions, links, efConstruction } = sidecar
  const { count, newestKey, file, bytes, sha256 } = sidecar
  return sealed({
    ...{ magic: MAGIC, version: VERSION, collection, generation, metric, dimensions },
    ...{ links, efConstruction },
    ...{ count, newestKey, file, bytes, sha256 },
  })
}

/** @throws DamagedFile for any text that `renderSidecar` would not write for such a graph. */
export function readSidecar(
  text: string,
  wanted: CacheSubject & Omit<GraphShape, 'count'>,
): Sidecar {
  const sidecar = unsealed<Sidecar>(text)
  expectSame(sidecar, { magic: MAGIC, version: VERSION, ...wanted })
  return sidecar
}
