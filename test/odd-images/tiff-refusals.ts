import { encoder, truncated } from '../support/images.ts'
import { type OddImage, refused } from './odd-image.ts'
import { asNumbers, fade, grey, packedSamples, SHOWN, samples8 } from './samples.ts'
import { fax, preview, rgb8, tiled, withExtras } from './tiff-images.ts'
import { type TiffPage, writeTiff } from './tiff-writer.ts'

const COMPRESSION = 259
const SAMPLE_FORMAT = 339

function numbers(
  bits: number,
  format: number,
  write: (buffer: Buffer, value: number, at: number) => void,
  page: TiffPage = rgb8,
): Buffer {
  const bands = page.bands === 1 ? (rgb: readonly number[]) => [grey(rgb)] : undefined
  const samples = asNumbers(bands ?? ((rgb) => rgb), bits / 8, write)
  return writeTiff([
    { ...page, bits, samples, tags: { [SAMPLE_FORMAT]: Array(page.bands).fill(format) } },
  ])
}

const float32 = (buffer: Buffer, value: number, at: number) => buffer.writeFloatLE(value / 255, at)
const grey8: TiffPage = {
  ...rgb8,
  bands: 1,
  photometric: 1,
  samples: samples8((rgb) => [grey(rgb)]),
}

/** Changes one part in the middle. */
function spoilt(part: Uint8Array, index: number): Uint8Array {
  return index === 2 ? part.map((byte, i) => (i > part.length / 3 ? byte ^ 0x5a : byte)) : part
}

function short(part: Uint8Array, index: number): Uint8Array {
  return index === 2 ? part.subarray(0, part.length >> 1) : part
}

/** The offsets of the parts move beyond the end. */
function cutOff(page: TiffPage): Uint8Array {
  const file = writeTiff([{ ...page, tags: {} }])
  const at = file.indexOf(Buffer.from([page.tile ? 0x44 : 0x11, 1, 4, 0]))
  const beyond = Buffer.from(file)
  beyond.writeUInt32LE(file.length * 2, beyond.readUInt32LE(at + 8))
  return beyond
}

async function jpegTiff(tile: boolean): Promise<Buffer> {
  return await encoder(SHOWN)
    .tiff({ compression: 'jpeg', quality: 95, tile, tileWidth: 16, tileHeight: 16 })
    .toBuffer()
}

/** Fills what lies just before the end marker of the first JPEG inside with zeros, and the marker too. */
function withoutEnd(file: Buffer): Buffer {
  const copy = Buffer.from(file)
  const end = copy.indexOf(Buffer.from([0xff, 0xd9]), copy.indexOf(Buffer.from([0xff, 0xda])))
  return copy.fill(0, end - 20, end + 2)
}

/** Overwrites most of the coded data of a JPEG inside. */
function damagedTile(file: Buffer): Buffer {
  const copy = Buffer.from(file)
  const scan = copy.indexOf(Buffer.from([0xff, 0xda])) + 14
  const end = copy.indexOf(Buffer.from([0xff, 0xd9]), scan)
  return copy.fill(0x35, scan, end - 2)
}

const CODECS: Readonly<Record<number, string>> = {
  34661: 'JBIG',
  34712: 'JPEG 2000',
  34887: 'LERC',
  34925: 'LZMA',
  50000: 'Zstandard',
  50001: 'WebP',
  50002: 'JPEG XL',
  12345: 'unknown method',
}

export const TIFF_REFUSALS: readonly OddImage[] = [
  refused('tiff-float32', () => numbers(32, 3, float32), 'floating point numbers of 32 bits'),
  refused(
    'tiff-grey-float32',
    () => numbers(32, 3, float32, grey8),
    'floating point numbers of 32 bits',
  ),
  refused(
    'tiff-float16',
    () => numbers(16, 3, (buffer, value, at) => buffer.writeUInt16LE(value * 60, at)),
    'floating point numbers of 16 bits',
  ),
  refused(
    'tiff-float64',
    () => numbers(64, 3, (buffer, value, at) => buffer.writeDoubleLE(value / 255, at)),
    'floating point numbers of 64 bits',
  ),
  refused(
    'tiff-uint32',
    () => numbers(32, 1, (buffer, value, at) => buffer.writeUInt32LE(value * 16843009, at)),
    '32 bits',
  ),
  refused(
    'tiff-grey-uint32',
    () => numbers(32, 1, (buffer, value, at) => buffer.writeUInt32LE(value * 16843009, at), grey8),
    '32 bits',
  ),
  refused(
    'tiff-int32',
    () => numbers(32, 2, (buffer, value, at) => buffer.writeInt32LE(value, at)),
    'signed integers of 32 bits',
  ),
  refused(
    'tiff-int16',
    () => numbers(16, 2, (buffer, value, at) => buffer.writeInt16LE(value * 100, at)),
    'signed integers of 16 bits',
  ),
  refused(
    'tiff-int8',
    () => numbers(8, 2, (buffer, value, at) => buffer.writeInt8(value >> 1, at)),
    'signed integers of 8 bits',
  ),
  refused('tiff-float32-tiles', () => numbers(32, 3, float32, tiled), 'floating point numbers'),
  refused(
    'tiff-grey12',
    () => writeTiff([{ ...grey8, bits: 12, samples: new Uint8Array(72 * 32) }]),
    '12 bits',
  ),
  refused(
    'tiff-rgb4',
    () =>
      writeTiff([
        { ...rgb8, bits: 4, samples: packedSamples(4, (rgb) => grey(rgb) >> 4), width: 16 },
      ]),
    '4 bits',
  ),
  ...Object.entries(CODECS).flatMap(([code, name]) =>
    [rgb8, tiled].map((page) =>
      refused(
        `tiff-${page.tile ? 'tiles' : 'strips'}-compression-${code}`,
        () => writeTiff([{ ...page, tags: { [COMPRESSION]: [Number(code)] } }]),
        name,
      ),
    ),
  ),
  ...(['none', 'deflate', 'lzw', 'packbits'] as const).flatMap((compression) => [
    refused(
      `tiff-tiles-cut-off-${compression}`,
      () => cutOff({ ...tiled, compression }),
      'cut off',
    ),
    refused(
      `tiff-strips-cut-off-${compression}`,
      () => cutOff({ ...rgb8, rowsPerStrip: 8, compression }),
      'cut off',
    ),
    refused(
      `tiff-tiles-short-${compression}`,
      () => writeTiff([{ ...tiled, compression, damage: short }]),
      'a TIFF',
    ),
    refused(
      `tiff-strips-short-${compression}`,
      () => writeTiff([{ ...rgb8, rowsPerStrip: 8, compression, damage: short }]),
      'a TIFF',
    ),
  ]),
  ...(['deflate', 'lzw'] as const).flatMap((compression) => [
    refused(
      `tiff-tiles-damaged-${compression}`,
      () => writeTiff([{ ...tiled, compression, damage: spoilt }]),
      'damaged',
    ),
    refused(
      `tiff-strips-damaged-${compression}`,
      () => writeTiff([{ ...rgb8, rowsPerStrip: 8, compression, damage: spoilt }]),
      'damaged',
    ),
  ]),
  refused('tiff-half-a-file', () => truncated(writeTiff([tiled])), 'a TIFF'),
  refused(
    'tiff-tile-missing',
    () => writeTiff([{ ...tiled, tags: { 324: [0, 0, 0, 0, 0, 0], 325: [0, 0, 0, 0, 0, 0] } }]),
    'tile 1 of 6 is not there',
  ),
  refused(
    'tiff-tiles-too-few',
    () => writeTiff([{ ...tiled, height: 32, tags: { 257: [64] } }]),
    '6 of its 12 tiles',
  ),
  refused(
    'tiff-jpeg-cut-off',
    async () => withoutEnd(await jpegTiff(false)),
    'JPEG that is cut off',
  ),
  refused(
    'tiff-jpeg-tiles-cut-off',
    async () => withoutEnd(await jpegTiff(true)),
    'JPEG that is cut off',
  ),
  refused(
    'tiff-jpeg-tiles-damaged',
    async () => damagedTile(await jpegTiff(true)),
    'is a damaged JPEG',
  ),
  refused('tiff-fax4-cut-off', () => fax(4, 0.5), 'a TIFF'),
  refused('tiff-fax3-cut-off', () => fax(3, 0.5), 'a TIFF'),
  refused(
    'tiff-rgb-extra-alpha',
    () => writeTiff([withExtras([0, 2], (x) => [7, fade(x)])]),
    'alpha is not the first band',
  ),
  refused('tiff-sensor-values', () => writeTiff([{ ...grey8, photometric: 32803 }]), 'camera'),
  refused('tiff-lab8', () => writeTiff([{ ...rgb8, photometric: 8 }]), 'L*a*b*'),
  refused('tiff-logluv', () => writeTiff([{ ...rgb8, photometric: 32845 }]), 'LogLuv'),
  refused(
    'tiff-other-inks',
    () =>
      writeTiff([
        {
          ...rgb8,
          bands: 4,
          photometric: 5,
          samples: samples8((rgb, x) => [...rgb, fade(x)]),
          tags: { 332: [2] },
        },
      ]),
    'inks',
  ),
  refused(
    'tiff-dng',
    () => writeTiff([{ ...rgb8, tags: { 50706: Uint8Array.of(1, 4, 0, 0) } }]),
    'DNG',
  ),
  refused(
    'tiff-raw-with-preview',
    () => writeTiff([{ ...preview, tags: { 254: [1], 330: [8] } }]),
    'shows the picture in full',
  ),
  refused('tiff-without-pages', () => Buffer.from('49492a0000000000', 'hex'), 'without a page'),
]
