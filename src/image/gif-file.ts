/** A frame of a GIF: where it lies on the canvas, and its coded pixels, which begin at `dataAt` with the size of the codes. */
export interface GifFrame {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
  readonly interlaced: boolean
  readonly dataAt: number
}

/** A GIF: the sides of its canvas, and whether the file breaks off after the frames that are given. */
export interface GifFile {
  readonly width: number
  readonly height: number
  readonly frames: readonly GifFrame[]
  readonly cutOff: boolean
}

const BLOCK = { extension: 0x21, image: 0x2c }
const INTERLACED = 0x40
const HEADER_BYTES = 13
const DESCRIPTOR_BYTES = 10
const MAX_CODES = 4096
/** How many codes are counted before others get a turn: some milliseconds. */
const CODES_A_TURN = 500_000

/** Walks the blocks of a GIF. @param mostFrames that are looked for. */
export function readGif(bytes: Uint8Array, mostFrames: number): GifFile {
  const size = { width: wordAt(bytes, 6), height: wordAt(bytes, 8) }
  const frames: GifFrame[] = []
  let at = HEADER_BYTES + paletteBytes(bytes[10] ?? 0)
  while (at < bytes.length && frames.length < mostFrames) {
    const kind = bytes[at]
    if (kind === BLOCK.extension) {
      at = afterBlocks(bytes, at + 2)
    } else if (kind === BLOCK.image) {
      const [left, top] = [wordAt(bytes, at + 1), wordAt(bytes, at + 3)]
      const [width, height] = [wordAt(bytes, at + 5), wordAt(bytes, at + 7)]
      const flags = bytes[at + 9] ?? 0
      const dataAt = at + DESCRIPTOR_BYTES + paletteBytes(flags)
      at = afterBlocks(bytes, dataAt + 1)
      if (at > bytes.length) return { ...size, frames, cutOff: true }
      frames.push({ left, top, width, height, interlaced: (flags & INTERLACED) !== 0, dataAt })
    } else {
      return { ...size, frames, cutOff: false }
    }
  }
  return { ...size, frames, cutOff: frames.length < mostFrames }
}

/**
 * Counts the pixels that the coded data of a frame holds, up to those of its rectangle, and stops at the first code that is none. libnsgif
 * would show what is missing as transparent, or as black.
 */
export async function countGifPixels(bytes: Uint8Array, frame: GifFrame): Promise<number> {
  const wanted = frame.width * frame.height
  const codeBits = bytes[frame.dataAt] ?? 0
  if (codeBits < 1 || codeBits > 11) return 0
  const counter = new LzwCounter(codeBits)
  const data = joinedBlocks(bytes, frame.dataAt + 1)
  while (counter.count(data, wanted, CODES_A_TURN)) {
    await new Promise((resolve) => setImmediate(resolve))
  }
  return Math.min(counter.pixels, wanted)
}

/** Decodes LZW as GIF has it, the lengths of what the codes stand for alone. */
class LzwCounter {
  pixels = 0
  readonly #clear: number
  readonly #firstBits: number
  readonly #lengths = new Uint16Array(MAX_CODES)
  #bits: number
  #next: number
  /** The length of what the code before stands for; 0 after a clear code. */
  #before = 0
  #buffer = 0
  #buffered = 0
  #at = 0

  constructor(codeBits: number) {
    this.#clear = 1 << codeBits
    this.#firstBits = codeBits + 1
    this.#bits = this.#firstBits
    this.#next = this.#clear + 2
    this.#lengths.fill(1, 0, this.#clear)
  }

  /** Counts on, by `codes` codes at most. @returns whether there may be more. */
  count(data: Uint8Array, wanted: number, codes: number): boolean {
    // The loop is as long as the file: members of the object would take three times as long.
    const lengths = this.#lengths
    const clear = this.#clear
    let { pixels } = this
    let [bits, next, before] = [this.#bits, this.#next, this.#before]
    let [buffer, buffered, at] = [this.#buffer, this.#buffered, this.#at]
    let left = codes
    let more = true
    for (; more && left > 0; left--) {
      while (buffered < bits && at < data.length) {
        buffer |= data[at++]! << buffered
        buffered += 8
      }
      const code = buffer & ((1 << bits) - 1)
      buffer >>>= bits
      buffered -= bits
      if (code === clear && buffered >= 0) {
        bits = this.#firstBits
        next = clear + 2
        before = 0
        continue
      }
      const isNew = code === next
      const isCode = code !== clear + 1 && code <= next
      more = buffered >= 0 && isCode && !(isNew && (before === 0 || next === MAX_CODES))
      if (!more) break
      const length = isNew ? before + 1 : lengths[code]!
      if (before > 0 && next < MAX_CODES) {
        lengths[next++] = before + 1
        if (next === 1 << bits && bits < 12) bits++
      }
      before = length
      pixels += length
      more = pixels < wanted
    }
    this.pixels = pixels
    ;[this.#bits, this.#next, this.#before] = [bits, next, before]
    ;[this.#buffer, this.#buffered, this.#at] = [buffer, buffered, at]
    return more
  }
}

/** Joins sub-blocks: each has its length before it, and one of length 0 ends them. */
function joinedBlocks(bytes: Uint8Array, from: number): Uint8Array {
  const blocks: Uint8Array[] = []
  for (let at = from; at < bytes.length && bytes[at] !== 0; at += 1 + bytes[at]!) {
    blocks.push(bytes.subarray(at + 1, at + 1 + bytes[at]!))
  }
  return Buffer.concat(blocks)
}

function afterBlocks(bytes: Uint8Array, from: number): number {
  let at = from
  while (at < bytes.length && bytes[at] !== 0) at += 1 + bytes[at]!
  return at + 1
}

function paletteBytes(flags: number): number {
  return (flags & 0x80) === 0 ? 0 : 3 * (2 << (flags & 7))
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)
}
