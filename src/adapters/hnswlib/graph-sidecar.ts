import { createHash } from 'node:crypto'
import type { SpaceKind } from '../../vector/space.ts'
import type { GraphFileFacts, GraphShape } from './graph-file.ts'
import { DamagedGraph } from './graph-file.ts'

const MAGIC = 'lookalike graph'
const VERSION = 1

/** What a collection wants of its graph. */
export interface GraphSubject {
  /** The key of the collection; never used again. */
  readonly collection: number
  readonly metric: SpaceKind
}

/** What is written beside a graph's file, since the library would load any file. */
export interface Sidecar extends GraphSubject, GraphShape, GraphFileFacts {
  /** Name of the graph's file in the same folder. */
  readonly file: string
  /** The newest version that the truth had given the graph. */
  readonly newestKey: number
}

export function renderSidecar(sidecar: Sidecar): string {
  const { collection, metric, dimensions, links, efConstruction } = sidecar
  const { count, newestKey, file, bytes, sha256 } = sidecar
  const content = {
    ...{ magic: MAGIC, version: VERSION, collection, metric, dimensions, links, efConstruction },
    ...{ count, newestKey, file, bytes, sha256 },
  }
  const checksum = createHash('sha256').update(JSON.stringify(content)).digest('hex')
  return `${JSON.stringify({ ...content, checksum }, null, 2)}\n`
}

/** @throws DamagedGraph for any text that `renderSidecar` would not write for such a graph. */
export function readSidecar(
  text: string,
  wanted: GraphSubject & Omit<GraphShape, 'count'>,
): Sidecar {
  let sidecar: Sidecar
  try {
    sidecar = JSON.parse(text)
    // Only what was written by us is written the same again, checksum and all.
    if (renderSidecar(sidecar) !== text) throw new DamagedGraph('its checksum does not hold')
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new DamagedGraph(`the description cannot be read: ${why}`, { cause })
  }
  for (const name of ['collection', 'metric', 'dimensions', 'links', 'efConstruction'] as const) {
    if (sidecar[name] !== wanted[name]) {
      throw new DamagedGraph(`${name}: expected ${wanted[name]}, got ${sidecar[name]}`)
    }
  }
  return sidecar
}
