import { open } from 'node:fs/promises'
import { DamagedFile } from '../../../files/durable-files.ts'
import { CHUNK_BYTES, type FileFacts, HashingReader } from '../../../files/hashing-reader.ts'

/** The shape that a file must have; the library loads any other without a word, and reads past its end later. */
export interface GraphShape {
  readonly dimensions: number
  readonly links: number
  readonly efConstruction: number
  /** Versions in it, those marked as deleted included. */
  readonly count: number
}

/** Takes a version of the file: its label, whether it is marked as deleted, and its vector, to be copied if kept. */
export type VisitVersion = (label: number, deleted: boolean, vector: Float32Array) => void

export const HEADER_BYTES = 96
/** Beside the number of links in the first word of a node. */
export const DELETED = 1 << 16

/** Gives the bytes of a node, and of the links at its start; vector and label follow. */
export function nodeBytesOf({ dimensions, links }: GraphShape): { node: number; links: number } {
  const linkBytes = (links * 2 + 1) * 4
  return { node: linkBytes + dimensions * 4 + 8, links: linkBytes }
}

/**
 * Reads a file of hnswlib 0.8 from its first to its last byte, and checks every number that the library would follow:
 * sizes, offsets, the entry, the links of each node at each level (HierarchicalNSW::saveIndex).
 *
 * @throws DamagedFile with the value found and the value wanted.
 */
export async function inspectGraph(
  path: string,
  shape: GraphShape,
  visit: VisitVersion = () => undefined,
): Promise<FileFacts> {
  const file = await open(path, 'r')
  try {
    const reader = new HashingReader(file)
    const maxLevel = checkHeader(await reader.take(HEADER_BYTES), shape)
    await checkNodes(reader, shape, visit)
    await checkUpperLevels(reader, shape, maxLevel)
    return await reader.finish()
  } finally {
    await file.close()
  }
}

/** Returns the highest level. */
function checkHeader(
  header: DataView,
  { dimensions, links, efConstruction, count }: GraphShape,
): number {
  const integer = (offset: number) => Number(header.getBigUint64(offset, true))
  const vectorBytes = dimensions * 4
  const linkBytes = (links * 2 + 1) * 4
  const wanted: [string, number, number][] = [
    ['offset of level 0', integer(0), 0],
    ['versions', integer(16), count],
    ['bytes of a node', integer(24), linkBytes + vectorBytes + 8],
    ['offset of the label', integer(32), linkBytes + vectorBytes],
    ['offset of the vector', integer(40), linkBytes],
    ['links of a node', integer(56), links],
    ['links of a node at level 0', integer(64), links * 2],
    ['links', integer(72), links],
    ['efConstruction', integer(88), efConstruction],
  ]
  for (const [name, found, right] of wanted) if (found !== right) fail(name, found, right)
  // Another compiler's logarithm may end in another bit.
  const multiplier = header.getFloat64(80, true) * Math.log(links)
  if (!(Math.abs(multiplier - 1) < 1e-9)) fail('level multiplier times log M', multiplier, 1)
  const capacity = integer(8)
  if (capacity < count || capacity > 2 * count + 2 ** 20) fail('capacity', capacity, `for ${count}`)
  const maxLevel = header.getInt32(48, true)
  if (maxLevel < 0 || maxLevel > 64) fail('top level', maxLevel, 'from 0 to 64')
  const entry = header.getUint32(52, true)
  if (entry >= count) fail('entry', entry, `below ${count}`)
  return maxLevel
}

async function checkNodes(
  reader: HashingReader,
  shape: GraphShape,
  visit: VisitVersion,
): Promise<void> {
  const { dimensions, links, count } = shape
  const { node: nodeBytes, links: linkBytes } = nodeBytesOf(shape)
  const atOnce = Math.max(1, Math.floor(CHUNK_BYTES / nodeBytes))
  for (let first = 0; first < count; first += atOnce) {
    const nodes = Math.min(atOnce, count - first)
    const chunk = await reader.take(nodes * nodeBytes)
    for (let i = 0; i < nodes; i++) {
      const start = i * nodeBytes
      const word = chunk.getUint32(start, true)
      if ((word & ~(DELETED | 0xffff)) !== 0) fail('mark of a node', word >>> 16, '0 or 1')
      checkLinks(chunk, start + 4, word & 0xffff, links * 2, count)
      const label = Number(chunk.getBigUint64(start + nodeBytes - 8, true))
      const vectorStart = chunk.byteOffset + start + linkBytes
      const vector = new Float32Array(chunk.buffer, vectorStart, dimensions)
      visit(label, (word & DELETED) !== 0, vector)
    }
  }
}

async function checkUpperLevels(
  reader: HashingReader,
  { links, count }: GraphShape,
  maxLevel: number,
): Promise<void> {
  const levelBytes = (links + 1) * 4
  let top = 0
  for (let node = 0; node < count; node++) {
    const bytes = (await reader.take(4)).getUint32(0, true)
    const levels = bytes / levelBytes
    if (!Number.isInteger(levels) || levels > maxLevel) fail('bytes of links', bytes, levelBytes)
    if (levels === 0) continue
    top = Math.max(top, levels)
    const chunk = await reader.take(bytes)
    for (let level = 0; level < levels; level++) {
      const start = level * levelBytes
      checkLinks(chunk, start + 4, chunk.getUint32(start, true), links, count)
    }
  }
  if (maxLevel !== top) fail('top level', maxLevel, top)
}

function checkLinks(
  chunk: DataView,
  start: number,
  linked: number,
  most: number,
  count: number,
): void {
  if (linked > most) fail('links of a node', linked, `at most ${most}`)
  for (let i = 0; i < linked; i++) {
    const to = chunk.getUint32(start + i * 4, true)
    if (to >= count) fail('link', to, `below ${count}`)
  }
}

function fail(name: string, found: number, wanted: number | string): never {
  throw new DamagedFile(`${name}: expected ${wanted}, got ${found}`)
}
