import type { Metadata } from 'sharp'
import { AppError } from '../errors.ts'

/** The longest side of an image, which is also JPEG's and GIF's: libvips works line by line, and has work for each. */
const MAX_SIDE = 65_535
/** The seconds that all passes over one image may take together. */
export const IMAGE_SECONDS = 30
/** The bytes of a sample, by libvips' names. */
const SAMPLE_BYTES: Readonly<Record<string, number>> = {
  ushort: 2,
  short: 2,
  uint: 4,
  int: 4,
  float: 4,
  complex: 8,
  double: 8,
  dpcomplex: 16,
}
/** What the JPEG decoder keeps of a pixel of a progressive file where its colours have half the resolution; otherwise twice that. */
const PROGRESSIVE_JPEG_BYTES = 3.25

/** What is read of a header; a plain one leaves the rest out. */
export type Header = Pick<Metadata, 'format' | 'width' | 'height' | 'channels' | 'depth'> &
  Partial<Metadata>

/** @throws TOO_MANY_PIXELS for an image with a side that takes libvips longer than its pixels do. */
export function checkSides({ width, height }: Pick<Metadata, 'width' | 'height'>): void {
  if (Math.max(width, height) <= MAX_SIDE) return
  const message = `expected sides of at most ${MAX_SIDE} pixels, got ${width} x ${height}`
  throw new AppError('TOO_MANY_PIXELS', message)
}

/** Estimates the most bytes of memory that decoding an image takes, by its header. */
export function decodingBytes(header: Header): number {
  const { width, height, autoOrient, orientation = 1, channels } = header
  const size = autoOrient ?? { width, height }
  // Turning needs all pixels of the upright image at a time.
  const turning = orientation > 1 ? channels * sampleBytes(header) : 0
  return size.width * size.height * (pixelBytes(header) + turning)
}

/** Gives the bytes a pixel, as measured with images of 36 million pixels. */
function pixelBytes(header: Header): number {
  const { format, isProgressive, chromaSubsampling, channels } = header
  const samples = Math.max(1, channels / 4) * sampleBytes(header)
  switch (format) {
    case 'jpeg':
      if (isProgressive !== true) return 1
      return PROGRESSIVE_JPEG_BYTES * (chromaSubsampling === '4:2:0' ? 1 : 2)
    case 'png':
      return (isProgressive === true ? 4 : 2) * samples
    case 'webp':
      return 9
    case 'gif':
      return 6
    case 'tiff':
      return 4 * samples
    // AVIF; also what we do not know.
    default:
      return 20
  }
}

function sampleBytes({ depth }: Header): number {
  return SAMPLE_BYTES[depth] ?? 1
}

/** Starts the clock of one image. @returns the whole seconds that are left for its next pass. @throws UNDECODABLE_IMAGE when none is. */
export function startDeadline(now: () => number = () => performance.now()): () => number {
  const end = now() + IMAGE_SECONDS * 1000
  return () => {
    const left = Math.ceil((end - now()) / 1000)
    if (left >= 1) return left
    const message = `expected an image that decodes within ${IMAGE_SECONDS} seconds, got one that takes longer`
    throw new AppError('UNDECODABLE_IMAGE', message)
  }
}
