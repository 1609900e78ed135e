import { type HuffmanTable, huffmanTable } from './huffman-table.ts'
import { type JpegSegment, jpegSegments } from './jpeg-file.ts'

interface Component {
  readonly id: number
  readonly across: number
  readonly down: number
}

/** A frame of a baseline JPEG with one scan of all its components. */
interface Frame {
  readonly width: number
  readonly height: number
  readonly components: readonly Component[]
}

const BLOCK = 64
/** The bytes after the last block that are no damage. */
const MOST_LEFT_OVER = 2
/** How many blocks are walked before others get a turn: some milliseconds. */
const BLOCKS_A_TURN = 100_000

/** A run of as many zeros is rare in coded data, and what a part becomes that was lost. */
const ZEROS = Buffer.alloc(32)

/** Tells whether the coded data of a JPEG has a long run of zeros. */
export function hasZeroRun(bytes: Uint8Array): boolean {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (!file.includes(ZEROS)) return false
  for (const { dataAt, end } of jpegSegments(bytes)) {
    const at = end > dataAt ? file.subarray(dataAt, end).indexOf(ZEROS) : -1
    if (at >= 0) return true
  }
  return false
}

/**
 * Tells whether the coded data of a baseline JPEG is as long as its blocks: libjpeg stops at the last block, and is silent about data that is
 * left over, as it is where a part was overwritten. True also for what is not looked at: progressive files, several scans.
 */
export async function holdsAllBlocks(bytes: Uint8Array): Promise<boolean> {
  const tables = new Map<number, HuffmanTable>()
  let frame: Frame | null = null
  let restartEvery = 0
  for (const segment of jpegSegments(bytes)) {
    const { marker } = segment
    if (marker === 0xc4) readTables(bytes, segment, tables)
    else if (marker === 0xdd) restartEvery = wordAt(bytes, segment.at + 4)
    else if (marker === 0xc0 || marker === 0xc1) frame = readFrame(bytes, segment)
    else if (marker === 0xc2) return true
    else if (marker === 0xda) {
      if (frame === null) return true
      const walk = walkOf(bytes, segment, frame, tables, restartEvery)
      if (walk === null) return true
      while (!walk.done) {
        walk.blocks(BLOCKS_A_TURN)
        if (!walk.done) await new Promise((resolve) => setImmediate(resolve))
      }
      return walk.sound && (walk.leftOver <= MOST_LEFT_OVER || walk.isPadded)
    }
  }
  return true
}

function walkOf(
  bytes: Uint8Array,
  { at, dataAt, end }: JpegSegment,
  { width, height, components }: Frame,
  tables: ReadonlyMap<number, HuffmanTable>,
  restartEvery: number,
): ScanWalk | null {
  const inScan = bytes[at + 4] ?? 0
  if (inScan !== components.length || height === 0) return null
  const plan: [HuffmanTable, HuffmanTable][] = []
  const most = { across: 1, down: 1 }
  for (let i = 0; i < inScan; i++) {
    const component = components.find(({ id }) => id === bytes[at + 5 + i * 2])
    const chosen = bytes[at + 6 + i * 2] ?? 0
    const dc = tables.get(chosen >> 4)
    const ac = tables.get(16 | (chosen & 15))
    if (component === undefined || dc === undefined || ac === undefined) return null
    // The sampling of a lone component says nothing.
    const blocks = inScan === 1 ? 1 : component.across * component.down
    for (let block = 0; block < blocks; block++) plan.push([dc, ac])
    if (inScan === 1) continue
    most.across = Math.max(most.across, component.across)
    most.down = Math.max(most.down, component.down)
  }
  const units = Math.ceil(width / (8 * most.across)) * Math.ceil(height / (8 * most.down))
  return new ScanWalk(bytes.subarray(dataAt, end), plan, units, restartEvery)
}

/** Walks the codes of a scan, and takes none of the values. */
class ScanWalk {
  done = false
  /** Whether all codes were such, and no block had too many coefficients. */
  sound = true
  leftOver = 0
  readonly #data: Uint8Array
  readonly #plan: readonly (readonly [HuffmanTable, HuffmanTable])[]
  readonly #restartEvery: number
  #unitsLeft: number
  #untilRestart: number
  #at = 0
  #buffer = 0
  #held = 0
  /** The zero bits that were made up after the end of the data. */
  #madeUp = 0

  constructor(
    data: Uint8Array,
    plan: readonly (readonly [HuffmanTable, HuffmanTable])[],
    units: number,
    restartEvery: number,
  ) {
    this.#data = data
    this.#plan = plan
    this.#unitsLeft = units
    this.#restartEvery = restartEvery
    this.#untilRestart = restartEvery
  }

  /** Whether what is left over is zeros that were not there before: some cameras pad. */
  get isPadded(): boolean {
    const from = this.#data.length - this.leftOver
    const before = this.#data.subarray(Math.max(0, from - MOST_LEFT_OVER), from)
    return (
      this.#data.subarray(from).every((byte) => byte === 0) && before.some((byte) => byte !== 0)
    )
  }

  /** Walks on, by so many blocks and a few more. */
  blocks(atMost: number): void {
    let left = atMost
    while (left > 0 && this.#unitsLeft > 0 && this.sound) {
      if (this.#restartEvery > 0 && this.#untilRestart === 0) this.#restart()
      for (const [dc, ac] of this.#plan) if (!this.#block(dc, ac)) this.sound = false
      if (this.#madeUp > this.#held) this.sound = false
      left -= this.#plan.length
      this.#unitsLeft--
      this.#untilRestart--
    }
    this.done = !this.sound || this.#unitsLeft === 0
    this.leftOver = this.#data.length - this.#at + ((this.#held - this.#madeUp) >> 3)
  }

  #block(dc: HuffmanTable, ac: HuffmanTable): boolean {
    const bits = this.#symbol(dc)
    if (bits < 0 || bits > 16) return false
    this.#skip(bits)
    for (let i = 1; i < BLOCK; i++) {
      const symbol = this.#symbol(ac)
      if (symbol < 0) return false
      const size = symbol & 15
      if (size === 0 && symbol !== 0xf0) return true
      i += symbol >> 4
      if (i >= BLOCK) return false
      this.#skip(size)
    }
    return true
  }

  #symbol(table: HuffmanTable): number {
    if (this.#held < 16) this.#fill()
    const next = (this.#buffer >>> (this.#held - 16)) & 0xffff
    const found = table.short[next >> 8]!
    if (found !== 0) {
      this.#held -= found >> 8
      return found & 0xff
    }
    for (let length = 9; length <= 16; length++) {
      if (next >= table.limits[length]!) continue
      this.#held -= length
      return table.symbols[(next >> (16 - length)) + table.shifts[length]!] ?? -1
    }
    return -1
  }

  #skip(bits: number): void {
    if (this.#held < bits) this.#fill()
    this.#held -= bits
  }

  #fill(): void {
    while (this.#held <= 16) {
      let byte = 0
      const value = this.#data[this.#at]
      if (value === undefined || (value === 0xff && this.#data[this.#at + 1] !== 0))
        this.#madeUp += 8
      else {
        byte = value
        this.#at += value === 0xff ? 2 : 1
      }
      this.#buffer = (this.#buffer << 8) | byte
      this.#held += 8
    }
  }

  /** Goes on after the next restart marker, which must be there. */
  #restart(): void {
    const left = (this.#held - this.#madeUp) >> 3
    while (this.#data[this.#at] === 0xff && this.#data[this.#at + 1] === 0xff) this.#at++
    const marker = this.#data[this.#at + 1] ?? 0
    const isThere = this.#data[this.#at] === 0xff && marker >= 0xd0 && marker <= 0xd7
    if (!isThere || left > MOST_LEFT_OVER) this.sound = false
    this.#at += 2
    this.#buffer = 0
    this.#held = 0
    this.#madeUp = 0
    this.#untilRestart = this.#restartEvery
  }
}

function readFrame(bytes: Uint8Array, { at, end }: JpegSegment): Frame {
  const components: Component[] = []
  for (let i = at + 10; i + 3 <= end && components.length < (bytes[at + 9] ?? 0); i += 3) {
    const sampling = bytes[i + 1]!
    components.push({ id: bytes[i]!, across: sampling >> 4, down: sampling & 15 })
  }
  return { height: wordAt(bytes, at + 5), width: wordAt(bytes, at + 7), components }
}

/** Reads the tables of a segment (ITU-T T.81, C.2): those of class 0 at 0 to 3, of class 1 at 16 to 19. */
function readTables(
  bytes: Uint8Array,
  { at, end }: JpegSegment,
  tables: Map<number, HuffmanTable>,
): void {
  let from = at + 4
  while (from + 17 <= end) {
    const counts = bytes.subarray(from + 1, from + 17)
    const total = counts.reduce((sum, count) => sum + count, 0)
    const symbols = bytes.subarray(from + 17, from + 17 + total)
    tables.set(bytes[from]!, huffmanTable(counts, symbols))
    from += 17 + total
  }
}

function wordAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
}
