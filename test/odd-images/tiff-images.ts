import { encoder } from '../support/images.ts'
import { type OddImage, shown } from './odd-image.ts'
import { linearGreyProfile, profileOf } from './profiles.ts'
import {
  fade,
  grey,
  HEIGHT,
  nearest,
  packedSamples,
  palette,
  SHOWN,
  samples8,
  samples16,
  WIDTH,
} from './samples.ts'
import { type TiffPage, writeTiff } from './tiff-writer.ts'

const SIZE = { width: WIDTH, height: HEIGHT }
const RGB = 2
const GREY = 1
const EXTRA_SAMPLES = 338
const PROFILE = 34675
const NEW_SUBFILE_TYPE = 254
const SUBFILE_TYPE = 255

export const rgb8: TiffPage = { ...SIZE, bits: 8, bands: 3, samples: samples8(), photometric: RGB }
const rgb16: TiffPage = { ...rgb8, bits: 16, samples: samples16() }
const grey8: TiffPage = {
  ...SIZE,
  bits: 8,
  bands: 1,
  samples: samples8((rgb) => [grey(rgb)]),
  photometric: GREY,
}
const grey16: TiffPage = { ...grey8, bits: 16, samples: samples16((rgb) => [grey(rgb)]) }
export const tiled: TiffPage = { ...rgb8, tile: [16, 16] }
/** A small page of another colour, as a preview is another picture. */
export const preview: TiffPage = {
  ...rgb8,
  width: 12,
  height: 8,
  samples: new Uint8Array(12 * 8 * 3).map((_, i) => (i * 37) % 256),
}
const blank: TiffPage = { ...rgb8, samples: new Uint8Array(WIDTH * HEIGHT * 3).fill(255) }

export function withExtras(
  kinds: readonly number[],
  values: (x: number) => readonly number[],
): TiffPage {
  return {
    ...rgb8,
    bands: 3 + kinds.length,
    samples: samples8((rgb, x) => [...rgb, ...values(x)]),
    tags: { [EXTRA_SAMPLES]: kinds },
  }
}

async function cmyk(bits: 8 | 16, extras: readonly number[]): Promise<TiffPage> {
  const inks = (rgb: readonly number[], x: number) => {
    const black = 255 - Math.max(...rgb)
    return [...rgb.map((value) => 255 - value - black), black, ...extras.map(() => x)]
  }
  const bands = 4 + extras.length
  const samples = bits === 8 ? samples8(inks) : samples16(inks)
  const profile = await profileOf('cmyk')
  const described = extras.length > 0 ? extras : null
  return {
    ...rgb8,
    bits,
    bands,
    samples,
    photometric: 5,
    tags: { [PROFILE]: profile, [EXTRA_SAMPLES]: described },
  }
}

function colorMap(): readonly number[] {
  const colours = palette()
  return [0, 1, 2].flatMap((band) =>
    Array.from({ length: 256 }, (_, i) => colours[i * 3 + band]! * 257),
  )
}

/** The picture in black and white as Pillow writes it (libtiff). */
const FAX = {
  3: 'ABCwAQsAELABCwAQsAELABBIAEsMAEpFABFgoAImDgAjQMAAmA0AAqwUAAgwygARgZoANQNQAOgaQAKA1QAfBtABsFQAFwVgATUGQAE1BkABNQZAATUGQAE1BkABNQZAATUGQAE1BkABNQZAATUGQA==',
  4: '/BQoKCgoKCgoKCgoUFPg2goUL//+ACAC',
} as const

/** A fax of the picture, or the first part of it. */
export function fax(compression: 3 | 4, share: number): Buffer {
  const data = Buffer.from(FAX[compression], 'base64')
  const tags = { 259: [compression] }
  const damage = () => data.subarray(0, Math.floor(data.length * share))
  return writeTiff([{ ...grey8, bits: 1, tags, damage }])
}

export const TIFF_IMAGES: readonly OddImage[] = [
  shown('tiff-rgb8', () => writeTiff([rgb8])),
  shown('tiff-rgb8-big-endian-lzw', () =>
    writeTiff([{ ...rgb8, compression: 'lzw' }], { bigEndian: true }),
  ),
  shown('tiff-rgb8-bigtiff-deflate', () =>
    writeTiff([{ ...rgb8, compression: 'deflate', rowsPerStrip: 5 }], { bigTiff: true }),
  ),
  shown('tiff-rgb8-packbits', () => writeTiff([{ ...rgb8, compression: 'packbits' }])),
  shown('tiff-rgb8-planes', () => writeTiff([{ ...rgb8, planes: true, rowsPerStrip: 8 }])),
  ...(['none', 'deflate', 'lzw', 'packbits'] as const).map((compression) =>
    shown(`tiff-rgb8-tiles-${compression}`, () => writeTiff([{ ...tiled, compression }])),
  ),
  shown('tiff-rgb8-tiles-bigtiff-big-endian', () =>
    writeTiff([tiled], { bigEndian: true, bigTiff: true }),
  ),
  shown('tiff-rgb8-tiles-private-tags', () =>
    writeTiff([{ ...tiled, tags: { 65000: [1], 37724: Buffer.from('layers') } }]),
  ),
  shown('tiff-rgb8-private-tags', () =>
    writeTiff([{ ...rgb8, tags: { 65000: [1], 37724: Buffer.from('layers') } }]),
  ),
  shown('tiff-rgb16', () => writeTiff([rgb16])),
  shown('tiff-rgb16-big-endian-deflate', () =>
    writeTiff([{ ...rgb16, samples: samples16(undefined, true), compression: 'deflate' }], {
      bigEndian: true,
    }),
  ),
  shown('tiff-rgb16-tiles', () => writeTiff([{ ...rgb16, tile: [32, 16] }])),
  shown('tiff-grey8', () => writeTiff([grey8])),
  shown('tiff-grey8-white-is-zero', () => writeTiff([{ ...grey8, photometric: 0 }])),
  shown('tiff-grey16', () => writeTiff([grey16])),
  shown('tiff-grey16-white-is-zero', () => writeTiff([{ ...grey16, photometric: 0 }])),
  shown('tiff-grey4', () =>
    writeTiff([{ ...grey8, bits: 4, samples: packedSamples(4, (rgb) => grey(rgb) >> 4) }]),
  ),
  shown('tiff-grey2', () =>
    writeTiff([{ ...grey8, bits: 2, samples: packedSamples(2, (rgb) => grey(rgb) >> 6) }]),
  ),
  shown('tiff-bilevel', () =>
    writeTiff([{ ...grey8, bits: 1, samples: packedSamples(1, (rgb) => grey(rgb) >> 7) }]),
  ),
  shown('tiff-bilevel-white-is-zero', () =>
    writeTiff([
      { ...grey8, photometric: 0, bits: 1, samples: packedSamples(1, (rgb) => grey(rgb) >> 7) },
    ]),
  ),
  shown('tiff-fax4', () => fax(4, 1)),
  shown('tiff-fax3', () => fax(3, 1)),
  shown('tiff-palette8', () =>
    writeTiff([
      {
        ...grey8,
        photometric: 3,
        samples: samples8((rgb) => [nearest(rgb)]),
        tags: { 320: colorMap() },
      },
    ]),
  ),
  shown('tiff-palette4', () =>
    writeTiff([
      {
        ...grey8,
        photometric: 3,
        bits: 4,
        samples: packedSamples(4, (_, x) => x % 16),
        tags: {
          320: [0, 1, 2].flatMap((band) =>
            Array.from({ length: 16 }, (_, i) => ((i * (band + 3) * 17) % 256) * 257),
          ),
        },
      },
    ]),
  ),
  shown('tiff-rgba-unassociated', () => writeTiff([withExtras([2], (x) => [fade(x)])])),
  shown(
    'tiff-rgba-associated',
    () =>
      writeTiff([
        {
          ...withExtras([1], () => [0]),
          samples: samples8((rgb, x) => [
            ...rgb.map((value) => Math.round((value * fade(x)) / 255)),
            fade(x),
          ]),
        },
      ]),
    3,
  ),
  shown('tiff-rgb-extra', () => writeTiff([withExtras([0], (x) => [x])])),
  shown('tiff-rgb-extra-undescribed', () =>
    writeTiff([{ ...withExtras([0], (x) => [x]), tags: {} }]),
  ),
  shown('tiff-rgb-extra-tiles', () =>
    writeTiff([{ ...withExtras([0], () => [0]), tile: [16, 16] }]),
  ),
  shown('tiff-rgb-two-extras', () => writeTiff([withExtras([0, 0], (x) => [x, 0])])),
  shown('tiff-rgba-extra', () => writeTiff([withExtras([2, 0], (x) => [fade(x), 7])])),
  shown('tiff-rgb-five-extras', () =>
    writeTiff([withExtras([0, 0, 0, 0, 0], (x) => [x, 0, 1, 2, 3])]),
  ),
  shown('tiff-grey-extra', () =>
    writeTiff([
      {
        ...grey8,
        bands: 2,
        samples: samples8((rgb, x) => [grey(rgb), x]),
        tags: { [EXTRA_SAMPLES]: [0] },
      },
    ]),
  ),
  shown('tiff-grey-alpha', () =>
    writeTiff([
      {
        ...grey8,
        bands: 2,
        samples: samples8((rgb, x) => [grey(rgb), fade(x)]),
        tags: { [EXTRA_SAMPLES]: [2] },
      },
    ]),
  ),
  shown('tiff-rgb16-extra', () =>
    writeTiff([
      {
        ...rgb16,
        bands: 4,
        samples: samples16((rgb, x) => [...rgb, x]),
        tags: { [EXTRA_SAMPLES]: [0] },
      },
    ]),
  ),
  shown('tiff-rgb8-p3', async () =>
    writeTiff([{ ...rgb8, tags: { [PROFILE]: await profileOf('p3') } }]),
  ),
  shown('tiff-rgb16-p3', async () =>
    writeTiff([{ ...rgb16, tags: { [PROFILE]: await profileOf('p3') } }]),
  ),
  shown('tiff-rgb16-srgb', async () =>
    writeTiff([{ ...rgb16, tags: { [PROFILE]: await profileOf('srgb') } }]),
  ),
  shown('tiff-rgb16-p3-extra', async () =>
    writeTiff([
      {
        ...rgb16,
        bands: 4,
        samples: samples16((rgb, x) => [...rgb, x]),
        tags: { [EXTRA_SAMPLES]: [0], [PROFILE]: await profileOf('p3') },
      },
    ]),
  ),
  shown(
    'tiff-grey8-linear',
    () => writeTiff([{ ...grey8, tags: { [PROFILE]: linearGreyProfile() } }]),
    3,
  ),
  shown(
    'tiff-grey16-linear',
    () => writeTiff([{ ...grey16, tags: { [PROFILE]: linearGreyProfile() } }]),
    3,
  ),
  shown(
    'tiff-cmyk8-profile',
    async () => encoder(SHOWN).withIccProfile('cmyk').tiff({ compression: 'lzw' }).toBuffer(),
    6,
  ),
  shown('tiff-cmyk8-extra', async () => writeTiff([await cmyk(8, [0])]), 8),
  shown('tiff-cmyk16-profile', async () => writeTiff([await cmyk(16, [])]), 8),
  shown('tiff-preview-first', () =>
    writeTiff([{ ...preview, tags: { [NEW_SUBFILE_TYPE]: [1] } }, rgb8]),
  ),
  shown('tiff-old-preview-first', () =>
    writeTiff([
      { ...preview, tags: { [SUBFILE_TYPE]: [2] } },
      { ...rgb8, tags: { [SUBFILE_TYPE]: [1] } },
    ]),
  ),
  shown('tiff-mask-first', () =>
    writeTiff([{ ...grey8, tags: { [NEW_SUBFILE_TYPE]: [4] } }, rgb8]),
  ),
  shown('tiff-all-previews', () => writeTiff([{ ...rgb8, tags: { [NEW_SUBFILE_TYPE]: [1] } }])),
  shown('tiff-preview-second', () =>
    writeTiff([rgb8, { ...preview, tags: { [NEW_SUBFILE_TYPE]: [1] } }]),
  ),
  shown('tiff-blank-page-first', () => writeTiff([blank, rgb8])),
  shown('tiff-blank-then-preview-then-page', () =>
    writeTiff([blank, { ...preview, tags: { [NEW_SUBFILE_TYPE]: [1] } }, rgb8]),
  ),
  shown('tiff-orientation-6', () => writeTiff([{ ...rgb8, tags: { 274: [6] } }])),
  shown('tiff-jpeg', () => encoder(SHOWN).tiff({ compression: 'jpeg', quality: 95 }).toBuffer(), 4),
  shown(
    'tiff-jpeg-tiles',
    () =>
      encoder(SHOWN)
        .tiff({ compression: 'jpeg', quality: 95, tile: true, tileWidth: 16, tileHeight: 16 })
        .toBuffer(),
    4,
  ),
]
