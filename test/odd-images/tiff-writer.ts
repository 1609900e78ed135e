import { deflateSync } from 'node:zlib'

/** Values of one tag: 16-bit and 32-bit numbers are told apart by `long`; bytes are written as they are. */
type TagValue = readonly number[] | Uint8Array

/** A page to write. Samples are unsigned 8 or 16 bits, or what `samples` already is packed to. */
export interface TiffPage {
  readonly width: number
  readonly height: number
  readonly bits: number
  readonly bands: number
  /** Rows of packed samples, each `width * bands * bits / 8` bytes, rounded up; in the byte order of the file. */
  readonly samples: Uint8Array
  readonly photometric: number
  readonly compression?: 'none' | 'deflate' | 'packbits' | 'lzw'
  /** The sides of tiles, multiples of 16; in strips when left out. */
  readonly tile?: readonly [number, number]
  readonly rowsPerStrip?: number
  readonly planes?: boolean
  /** More tags, or others in the place of those that are made; a null leaves one out. */
  readonly tags?: Readonly<Record<number, TagValue | null>>
  /** Changes what was packed of a strip or tile, by its number. */
  readonly damage?: (part: Uint8Array, index: number) => Uint8Array
}

export interface TiffLayout {
  readonly bigEndian?: boolean
  readonly bigTiff?: boolean
}

const COMPRESSION = { none: 1, deflate: 8, packbits: 32773, lzw: 5 } as const
const LONG_TAGS = [254, 256, 257, 273, 279, 324, 325, 330]
const BYTE_TAGS = [34675, 37724, 347]

/** Writes a TIFF by hand, so that it may be of any odd kind. */
export function writeTiff(
  pages: readonly TiffPage[],
  { bigEndian = false, bigTiff = false }: TiffLayout = {},
): Buffer {
  const offsetBytes = bigTiff ? 8 : 4
  const parts: Buffer[] = []
  let length = 0
  const add = (bytes: Uint8Array): number => {
    const at = length
    parts.push(Buffer.from(bytes), Buffer.alloc(bytes.length % 2))
    length += bytes.length + (bytes.length % 2)
    return at
  }
  const number = (value: number, bytes: number): Buffer => {
    const buffer = Buffer.alloc(bytes)
    if (bytes === 8) {
      if (bigEndian) buffer.writeBigUInt64BE(BigInt(value))
      else buffer.writeBigUInt64LE(BigInt(value))
    } else if (bigEndian) buffer.writeUIntBE(value, 0, bytes)
    else buffer.writeUIntLE(value, 0, bytes)
    return buffer
  }
  const magic = Buffer.from(bigEndian ? 'MM' : 'II')
  const header = bigTiff
    ? [magic, number(43, 2), number(8, 2), number(0, 2), number(0, 8)]
    : [magic, number(42, 2), number(0, 4)]
  add(Buffer.concat(header))
  let link = length - offsetBytes
  const links: [number, number][] = []
  for (const page of pages) {
    const tags = tagsOf(
      page,
      partsOf(page).map((part) => [add(part), part.length] as const),
    )
    const entries = tags.map(([tag, values]) => {
      const isBytes = values instanceof Uint8Array
      const bytes = isBytes ? 1 : LONG_TAGS.includes(tag) ? 4 : 2
      const type = isBytes || BYTE_TAGS.includes(tag) ? 7 : bytes === 4 ? 4 : 3
      const data = isBytes
        ? Buffer.from(values)
        : Buffer.concat([...values].map((value) => number(value, bytes)))
      const fits = data.length <= offsetBytes
      const field = fits
        ? Buffer.concat([data, Buffer.alloc(offsetBytes - data.length)])
        : number(add(data), offsetBytes)
      return Buffer.concat([
        number(tag, 2),
        number(type, 2),
        number(values.length, offsetBytes),
        field,
      ])
    })
    const body = Buffer.concat([
      number(entries.length, bigTiff ? 8 : 2),
      ...entries,
      Buffer.alloc(offsetBytes),
    ])
    const at = add(body)
    links.push([link, at])
    link = at + body.length - offsetBytes
  }
  const file = Buffer.concat(parts)
  for (const [from, to] of links) number(to, offsetBytes).copy(file, from)
  return file
}

function tagsOf(page: TiffPage, stored: readonly (readonly [number, number])[]) {
  const { width, height, bits, bands, photometric, compression = 'none', tile, planes } = page
  const offsets = stored.map(([at]) => at)
  const counts = stored.map(([, length]) => length)
  const made: Record<number, TagValue | null> = {
    256: [width],
    257: [height],
    258: Array(bands).fill(bits),
    259: [COMPRESSION[compression]],
    262: [photometric],
    277: [bands],
    284: [planes ? 2 : 1],
    ...(tile === undefined
      ? { 273: offsets, 278: [page.rowsPerStrip ?? height], 279: counts }
      : { 322: [tile[0]], 323: [tile[1]], 324: offsets, 325: counts }),
    ...page.tags,
  }
  return Object.entries(made)
    .filter((entry): entry is [string, TagValue] => entry[1] !== null)
    .map(([tag, values]) => [Number(tag), values] as const)
    .sort(([a], [b]) => a - b)
}

/** Cuts the samples to strips or tiles, plane by plane where wanted, and packs them. */
function partsOf(page: TiffPage): Uint8Array[] {
  const { bits, bands, compression = 'none', damage = (part) => part } = page
  const planes = page.planes ? bands : 1
  const parts: Uint8Array[] = []
  for (let plane = 0; plane < planes; plane++) {
    const samples = page.planes ? planeOf(page, plane) : page.samples
    const bandsHere = page.planes ? 1 : bands
    for (const part of cut(page, samples, bandsHere * bits)) {
      parts.push(damage(PACK[compression](part), parts.length))
    }
  }
  return parts
}

function planeOf({ samples, bands, bits }: TiffPage, plane: number): Uint8Array {
  const size = bits / 8
  const one = new Uint8Array(samples.length / bands)
  for (let i = 0; i * size < one.length; i++) {
    const from = (i * bands + plane) * size
    one.set(samples.subarray(from, from + size), i * size)
  }
  return one
}

function* cut(page: TiffPage, samples: Uint8Array, bitsPerPixel: number): Generator<Uint8Array> {
  const { width, height, tile } = page
  const rowBytes = Math.ceil((width * bitsPerPixel) / 8)
  if (tile === undefined) {
    const rows = page.rowsPerStrip ?? height
    for (let y = 0; y < height; y += rows) {
      yield samples.subarray(y * rowBytes, Math.min(height, y + rows) * rowBytes)
    }
    return
  }
  const [across, down] = tile
  const tileRow = Math.ceil((across * bitsPerPixel) / 8)
  for (let top = 0; top < height; top += down) {
    for (let left = 0; left < width; left += across) {
      const part = new Uint8Array(tileRow * down)
      const from = Math.floor((left * bitsPerPixel) / 8)
      for (let y = 0; y < down && top + y < height; y++) {
        const row = (top + y) * rowBytes
        part.set(
          samples.subarray(row + from, Math.min(row + from + tileRow, row + rowBytes)),
          y * tileRow,
        )
      }
      yield part
    }
  }
}

const PACK: Readonly<
  Record<NonNullable<TiffPage['compression']>, (part: Uint8Array) => Uint8Array>
> = {
  none: (part) => part,
  deflate: (part) => deflateSync(part),
  packbits: packBits,
  lzw: packLzw,
}

/** Packs everything as literal runs. */
function packBits(part: Uint8Array): Uint8Array {
  const runs: Uint8Array[] = []
  for (let at = 0; at < part.length; at += 128) {
    const run = part.subarray(at, at + 128)
    runs.push(Uint8Array.of(run.length - 1), run)
  }
  return Buffer.concat(runs)
}

/** Writes each byte as its own code of 9 bits, and clears before codes would grow. */
function packLzw(part: Uint8Array): Uint8Array {
  const codes: number[] = []
  part.forEach((byte, i) => {
    if (i % 200 === 0) codes.push(256)
    codes.push(byte)
  })
  codes.push(257)
  const packed = new Uint8Array(Math.ceil((codes.length * 9) / 8))
  codes.forEach((code, i) => {
    for (let bit = 0; bit < 9; bit++) {
      const at = i * 9 + bit
      if ((code >> (8 - bit)) & 1) packed[at >> 3]! |= 128 >> (at & 7)
    }
  })
  return packed
}
