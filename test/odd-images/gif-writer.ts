/** A frame: numbers of colours, row by row. */
interface GifFrame {
  readonly left?: number
  readonly top?: number
  readonly width: number
  readonly height: number
  readonly colours: Uint8Array
  /** The number of the colour that is transparent. */
  readonly transparent?: number
  /** How many pixels are coded before the data ends; all when left out. */
  readonly coded?: number
}

export interface GifFile {
  readonly width: number
  readonly height: number
  /** 256 colours, 3 bytes each. */
  readonly palette: Uint8Array
  readonly frames: readonly GifFrame[]
}

/** Writes a GIF by hand. */
export function writeGif({ width, height, palette, frames }: GifFile): Buffer {
  const screen = Buffer.alloc(7)
  screen.writeUInt16LE(width, 0)
  screen.writeUInt16LE(height, 2)
  screen[4] = 0xf7
  const parts: Uint8Array[] = [Buffer.from('GIF89a'), screen, palette]
  for (const frame of frames) {
    const { transparent, coded = frame.colours.length } = frame
    parts.push(
      Buffer.from([0x21, 0xf9, 4, transparent === undefined ? 4 : 5, 10, 0, transparent ?? 0, 0]),
    )
    const place = Buffer.alloc(10)
    place[0] = 0x2c
    place.writeUInt16LE(frame.left ?? 0, 1)
    place.writeUInt16LE(frame.top ?? 0, 3)
    place.writeUInt16LE(frame.width, 5)
    place.writeUInt16LE(frame.height, 7)
    parts.push(place, Uint8Array.of(8), blocks(codes(frame.colours.subarray(0, coded))))
  }
  parts.push(Uint8Array.of(0x3b))
  return Buffer.concat(parts)
}

/** Writes each colour as its own code of 9 bits, and clears before codes would grow. */
function codes(colours: Uint8Array): Uint8Array {
  const list: number[] = []
  colours.forEach((colour, i) => {
    if (i % 200 === 0) list.push(256)
    list.push(colour)
  })
  list.push(257)
  const packed = new Uint8Array(Math.ceil((list.length * 9) / 8))
  list.forEach((code, i) => {
    for (let bit = 0; bit < 9; bit++) {
      const at = i * 9 + bit
      if ((code >> bit) & 1) packed[at >> 3]! |= 1 << (at & 7)
    }
  })
  return packed
}

function blocks(data: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = []
  for (let at = 0; at < data.length; at += 255) {
    const block = data.subarray(at, at + 255)
    parts.push(Uint8Array.of(block.length), block)
  }
  return Buffer.concat([...parts, Uint8Array.of(0)])
}
