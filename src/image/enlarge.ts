import type { PreprocessSpec } from './image-decoder.ts'
import type { Box, Size } from './resize-plan.ts'

type Kernel = PreprocessSpec['kernel']

/** The pixels of a line of input that each output pixel is made of: `count` from `first` on. */
interface Taps {
  readonly first: Int32Array
  readonly count: number
  /** `count` weights of each output pixel, which add up to 1. */
  readonly weights: Float64Array
}

/** What is below is the compiler's. */
const START = 1024
/** The kernels read and write a few numbers past a line. */
const SPARE_BYTES = 32
const PAGE_BYTES = 65_536

/** The functions of kernels/assembly/enlarging.ts; their numbers are addresses and counts. */
export interface EnlargingKernels {
  readonly memory: WebAssembly.Memory
  widen(
    pixels: number,
    width: number,
    lines: number,
    first: number,
    weights: number,
    count: number,
    target: number,
    wide: number,
  ): void
  heighten(
    wide: number,
    first: number,
    weights: number,
    count: number,
    target: number,
    values: number,
    out: number,
  ): void
}

/**
 * Scales a part of an image up by interpolation around pixel centres, as Pillow and OpenCV do.
 *
 * libvips reduces precisely, but enlarges with a shift of half an output pixel (its affine step leaves out 0.5 / scale),
 * which moved embeddings of small images by up to 0.005 in cosine.
 *
 * @param pixels 8-bit RGB, interleaved, of `size`.
 * @param box the part, in pixels and fractions; no side larger than in `target`.
 * @returns 8-bit RGB, interleaved, of `target`.
 */
export function enlarge(
  kernels: EnlargingKernels,
  pixels: Uint8Array,
  size: Size,
  box: Box,
  target: Size,
  kernel: Kernel,
): Uint8Array<ArrayBuffer> {
  const across = tapsOf(kernel, size.width, box.left, box.width, target.width)
  const down = tapsOf(kernel, size.height, box.top, box.height, target.height)
  const firstLine = down.first[0]!
  const lines = down.first[target.height - 1]! + down.count - firstLine
  const values = target.width * 3
  const length = values * target.height
  const tables = [across.first, across.weights, down.first, down.weights] as const
  const sizes = [pixels, ...tables].map(({ byteLength }) => byteLength)
  const places = placesIn(kernels.memory, [...sizes, values * size.height * 8, length])
  const [from, first, weights, downFirst, downWeights, wide, out] = places as Places
  const { buffer } = kernels.memory
  new Uint8Array(buffer, from).set(pixels)
  new Int32Array(buffer, first).set(across.first)
  new Float64Array(buffer, weights, across.weights.length).set(across.weights)
  new Int32Array(buffer, downFirst).set(down.first)
  new Float64Array(buffer, downWeights, down.weights.length).set(down.weights)
  kernels.widen(
    from + firstLine * size.width * 3,
    size.width,
    lines,
    first,
    weights,
    across.count,
    target.width,
    wide + firstLine * values * 8,
  )
  kernels.heighten(wide, downFirst, downWeights, down.count, target.height, values, out)
  // A copy, as the memory is used again.
  return new Uint8Array(new Uint8Array(buffer, out, length))
}

type Places = readonly [number, number, number, number, number, number, number]

/** Finds room in a memory for parts of so many bytes, with some to spare after each. The memory grows where it has to. */
function placesIn(memory: WebAssembly.Memory, sizes: readonly number[]): readonly number[] {
  let end = START
  const places = sizes.map((bytes) => {
    const place = end
    end += Math.ceil((bytes + SPARE_BYTES) / 16) * 16
    return place
  })
  const missing = end - memory.buffer.byteLength
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES))
  return places
}

function tapsOf(kernel: Kernel, size: number, start: number, length: number, target: number): Taps {
  const { support, weight } = KERNELS[kernel]
  const count = Math.min(size, Math.ceil(support * 2) + 1)
  const first = new Int32Array(target)
  const weights = new Float64Array(target * count)
  for (let i = 0; i < target; i++) {
    const centre = start + ((i + 0.5) * length) / target
    const from = Math.min(size - count, Math.max(0, Math.floor(centre - support)))
    first[i] = from
    let sum = 0
    for (let j = 0; j < count; j++) {
      const value = weight(from + j + 0.5 - centre)
      weights[i * count + j] = value
      sum += value
    }
    // Beyond the border there is nothing: what is inside shares the whole weight.
    for (let j = 0; j < count; j++) weights[i * count + j]! /= sum
  }
  return { first, count, weights }
}

const KERNELS: Record<Kernel, { support: number; weight: (distance: number) => number }> = {
  // Half open, so that a centre between two pixels belongs to one.
  nearest: { support: 0.5, weight: (d) => (d > -0.5 && d <= 0.5 ? 1 : 0) },
  linear: { support: 1, weight: (d) => Math.max(0, 1 - Math.abs(d)) },
  cubic: { support: 2, weight: (d) => catmullRom(Math.abs(d)) },
  lanczos3: { support: 3, weight: (d) => (Math.abs(d) < 3 ? sinc(d) * sinc(d / 3) : 0) },
}

/** Keys' cubic with a = -0.5. */
function catmullRom(d: number): number {
  if (d < 1) return (1.5 * d - 2.5) * d * d + 1
  return d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0
}

function sinc(d: number): number {
  return d === 0 ? 1 : Math.sin(Math.PI * d) / (Math.PI * d)
}
