import { type Layout, readWhole, writeWhole } from './tiff-layout.ts'

/** The tags of TIFF 6.0 and its supplements that are read here. */
export const TIFF_TAGS = {
  newSubfileType: 254,
  subfileType: 255,
  width: 256,
  height: 257,
  bitsPerSample: 258,
  compression: 259,
  photometric: 262,
  stripOffsets: 273,
  samplesPerPixel: 277,
  rowsPerStrip: 278,
  stripByteCounts: 279,
  planarConfiguration: 284,
  tileWidth: 322,
  tileLength: 323,
  tileOffsets: 324,
  tileByteCounts: 325,
  subIfds: 330,
  inkSet: 332,
  extraSamples: 338,
  sampleFormat: 339,
  jpegTables: 347,
  subsampling: 530,
  dngVersion: 50706,
} as const

/** The bytes of one value of each field type that has whole numbers. */
const VALUE_BYTES: Readonly<Record<number, 1 | 2 | 4 | 8>> = {
  1: 1,
  3: 2,
  4: 4,
  13: 4,
  16: 8,
  18: 8,
}
/** The entries that are read of one file, of all its directories together: a hostile chain may overlap itself. */
const MAX_ENTRIES = 1_000_000
const MAX_VALUES = 64
const MAX_CHILDREN = 16
const MAX_CHILD_ENTRIES = 1000

/** An entry of a directory, from byte `from` of the file on: the values begin at `at`. */
interface Entry {
  readonly from: number
  readonly type: number
  readonly count: number
  readonly at: number
}

/** An image file directory: the numbers that describe one page. */
export class TiffDirectory {
  readonly #layout: Layout
  readonly #entries: ReadonlyMap<number, Entry>

  /** Whether no page comes after it. */
  readonly isLast: boolean

  constructor(layout: Layout, entries: ReadonlyMap<number, Entry>, isLast: boolean) {
    this.#layout = layout
    this.#entries = entries
    this.isLast = isLast
  }

  has(tag: number): boolean {
    return this.#entries.has(tag)
  }

  /** Counts the whole numbers of a tag; 0 where it is missing or lies beyond the end of the file. */
  count(tag: number): number {
    const entry = this.#entries.get(tag)
    if (entry === undefined) return 0
    const bytes = VALUE_BYTES[entry.type] ?? Number.POSITIVE_INFINITY
    return entry.at + entry.count * bytes > this.#layout.view.byteLength ? 0 : entry.count
  }

  /** Reads a number of a tag: the first, or that at `index`. */
  value(tag: number, missing: number, index = 0): number {
    if (index >= this.count(tag)) return missing
    const { type, at } = this.#entries.get(tag)!
    const bytes = VALUE_BYTES[type]!
    return readWhole(this.#layout, at + index * bytes, bytes)
  }

  /** Reads the numbers of a tag that has few of them. */
  values(tag: number): readonly number[] {
    const length = Math.min(MAX_VALUES, this.count(tag))
    return Array.from({ length }, (_, i) => this.value(tag, 0, i))
  }

  /** Gives the bytes of a tag that has such; none where it is missing or lies beyond the end of the file. */
  bytes(tag: number): Uint8Array {
    const { at, count } = this.#entries.get(tag) ?? { at: 0, count: 0 }
    const { view } = this.#layout
    if (at + count > view.byteLength) return new Uint8Array(0)
    return new Uint8Array(view.buffer, view.byteOffset + at, count)
  }

  /** Tells whether it has tags beyond those. */
  hasOthers(tags: readonly number[]): boolean {
    return [...this.#entries.keys()].some((tag) => !tags.includes(tag))
  }

  /** Gives a copy of the file in which this is the only page, with those of its tags alone. */
  withTagsAlone(tags: readonly number[]): Uint8Array {
    const { view, little, big } = this.#layout
    const kept = [...this.#entries].filter(([tag]) => tags.includes(tag)).sort(([a], [b]) => a - b)
    const [countBytes, entryBytes, offsetBytes] = big
      ? ([8, 20, 8] as const)
      : ([2, 12, 4] as const)
    const file = Buffer.from(view.buffer, view.byteOffset, view.byteLength)
    const directory = Buffer.alloc(countBytes + kept.length * entryBytes + offsetBytes)
    const link = Buffer.alloc(offsetBytes)
    // Directories begin at even bytes.
    const padding = file.length % 2
    writeWhole(directory, 0, countBytes, kept.length, little)
    writeWhole(link, 0, offsetBytes, file.length + padding, little)
    kept.forEach(([, { from }], i) => {
      file.copy(directory, countBytes + i * entryBytes, from, from + entryBytes)
    })
    const copy = Buffer.concat([file, Buffer.alloc(padding), directory])
    link.copy(copy, big ? 8 : 4)
    return copy
  }

  /** Reads the directories of the pages that lie below this one; the first ones, of sensible sizes. */
  children(): readonly TiffDirectory[] {
    return this.values(TIFF_TAGS.subIfds)
      .slice(0, MAX_CHILDREN)
      .map((at) => readDirectory(this.#layout, at, MAX_CHILD_ENTRIES)?.directory)
      .filter((directory) => directory !== undefined)
  }
}

/**
 * Reads the chain of directories of a TIFF or BigTIFF file, in the order of pages. It ends where libtiff ends: at a directory that
 * is cut off or was there before.
 */
export function* readTiffDirectories(bytes: Uint8Array): Generator<TiffDirectory> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.byteLength < 8) return
  const little = bytes[0] === 0x49
  const layout = { view, little, big: view.getUint16(2, little) === 43 }
  const seen = new Set<number>()
  let left = MAX_ENTRIES
  let at = layout.big ? readWhole(layout, 8, 8) : readWhole(layout, 4, 4)
  while (at !== 0 && !seen.has(at)) {
    seen.add(at)
    const read = readDirectory(layout, at, left)
    if (read === null) return
    yield read.directory
    left -= read.count
    at = read.next
  }
}

function readDirectory(layout: Layout, at: number, most: number) {
  const { view, big } = layout
  const [countBytes, entryBytes, offsetBytes] = big ? ([8, 20, 8] as const) : ([2, 12, 4] as const)
  if (at + countBytes > view.byteLength) return null
  const count = readWhole(layout, at, countBytes)
  const first = at + countBytes
  const end = first + count * entryBytes
  if (end > view.byteLength || count > most) return null
  const entries = new Map<number, Entry>()
  for (let entry = first; entry < end; entry += entryBytes) {
    const tag = readWhole(layout, entry, 2)
    // As libtiff does it: the first of two is taken.
    if (!entries.has(tag)) entries.set(tag, readEntry(layout, entry))
  }
  // Some writers leave the last offset out.
  const next = end + offsetBytes > view.byteLength ? 0 : readWhole(layout, end, offsetBytes)
  return { directory: new TiffDirectory(layout, entries, next === 0), count, next }
}

function readEntry(layout: Layout, entry: number): Entry {
  const offsetBytes = layout.big ? 8 : 4
  const type = readWhole(layout, entry + 2, 2)
  const count = readWhole(layout, entry + 4, offsetBytes)
  const inline = entry + 4 + offsetBytes
  const fits = count * (VALUE_BYTES[type] ?? 8) <= offsetBytes
  return { from: entry, type, count, at: fits ? inline : readWhole(layout, inline, offsetBytes) }
}
