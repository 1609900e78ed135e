/** An image in 8-bit RGB, interleaved. */
export interface Raster {
  readonly pixels: Uint8Array
  readonly width: number
  readonly height: number
}

const SIDE = 32
/** The frequencies kept of each direction: 8 x 8 = 64 bits. */
const FREQUENCIES = 8
/** The coefficient of a wave of one grey level. Encoders change fainter ones. */
const FAINTEST = 16
/** All bits but that of the mean brightness. */
const WAVES = 0x7fffffffffffffffn
const COSINES = orthonormalCosines()

/**
 * Makes a perceptual hash by the discrete cosine transform (Zauner, Implementation and Benchmarking of Perceptual Image
 * Hash Functions, 2010, section 3.2.1): luma is averaged to 32 x 32, transformed, and each of the 8 x 8 lowest
 * frequencies gives a bit: above their median or not, row by row from the highest bit on.
 *
 * Two things differ from Zauner, because they tell images that are encoded again from other images better (docs/duplicates.md):
 * the frequencies that are constant in one direction take part, and waves too faint to see count as none.
 *
 * @param whole the whole image, at any size.
 * @returns 16 lower-case hexadecimal digits.
 */
export function fingerprintOf(whole: Raster): string {
  const frequencies = lowFrequencies(averageLuma(whole))
  const sorted = Float64Array.from(frequencies).sort()
  const median = (sorted[31]! + sorted[32]!) / 2
  let bits = 0n
  for (const frequency of frequencies) bits = (bits << 1n) | (frequency > median ? 1n : 0n)
  return bits.toString(16).padStart(16, '0')
}

/** Tells whether a fingerprint is that of a plain image: no wave is above the median, so that all of them have the same. */
export function isPlainFingerprint(fingerprint: string): boolean {
  return (BigInt(`0x${fingerprint}`) & WAVES) === 0n
}

/** Averages luma (BT.601) over 32 x 32 equal parts; pixels on a border count by their share. */
function averageLuma({ pixels, width, height }: Raster): Float64Array {
  const luma = new Float64Array(SIDE * SIDE)
  const line = new Float64Array(width)
  const partWidth = width / SIDE
  const partHeight = height / SIDE
  for (let y = 0; y < height; y++) {
    for (let x = 0, at = y * width * 3; x < width; x++, at += 3) {
      line[x] = 0.299 * pixels[at]! + 0.587 * pixels[at + 1]! + 0.114 * pixels[at + 2]!
    }
    const firstRow = Math.floor(y / partHeight)
    for (let row = firstRow; row < SIDE && row * partHeight < y + 1; row++) {
      const share = overlap(y, row * partHeight, partHeight) / (partWidth * partHeight)
      if (share <= 0) continue
      for (let column = 0; column < SIDE; column++) {
        luma[row * SIDE + column]! += share * sumOver(line, column * partWidth, partWidth)
      }
    }
  }
  return luma
}

/** Gives the length that the unit from `unit` on shares with the part from `start` on. */
function overlap(unit: number, start: number, length: number): number {
  return Math.min(unit + 1, start + length) - Math.max(unit, start)
}

/** Sums a line over a part; the pixels at its ends count by their share. */
function sumOver(line: Float64Array, start: number, length: number): number {
  const end = start + length
  const first = Math.floor(start)
  const last = Math.min(line.length, Math.ceil(end)) - 1
  if (last <= first) return overlap(first, start, length) * line[first]!
  let sum = overlap(first, start, length) * line[first]!
  for (let x = first + 1; x < last; x++) sum += line[x]!
  return sum + overlap(last, start, length) * line[last]!
}

/** Computes the lowest coefficients of the orthonormal two-dimensional DCT-II, row by row; 0 for faint ones. */
function lowFrequencies(luma: Float64Array): Float64Array {
  const rows = new Float64Array(SIDE * FREQUENCIES)
  for (let y = 0; y < SIDE; y++) {
    for (let v = 0; v < FREQUENCIES; v++) {
      for (let x = 0; x < SIDE; x++) {
        rows[y * FREQUENCIES + v]! += luma[y * SIDE + x]! * COSINES[v * SIDE + x]!
      }
    }
  }
  const result = new Float64Array(FREQUENCIES * FREQUENCIES)
  for (let u = 0; u < FREQUENCIES; u++) {
    for (let v = 0; v < FREQUENCIES; v++) {
      let sum = 0
      for (let y = 0; y < SIDE; y++) sum += rows[y * FREQUENCIES + v]! * COSINES[u * SIDE + y]!
      if (Math.abs(sum) >= FAINTEST) result[u * FREQUENCIES + v] = sum
    }
  }
  return result
}

function orthonormalCosines(): Float64Array {
  const cosines = new Float64Array(FREQUENCIES * SIDE)
  for (let u = 0; u < FREQUENCIES; u++) {
    const scale = Math.sqrt((u === 0 ? 1 : 2) / SIDE)
    for (let x = 0; x < SIDE; x++) {
      cosines[u * SIDE + x] = scale * Math.cos((Math.PI * (2 * x + 1) * u) / (2 * SIDE))
    }
  }
  return cosines
}
