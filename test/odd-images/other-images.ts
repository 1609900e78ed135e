import sharp from 'sharp'
import { encoder, truncated } from '../support/images.ts'
import { writeGif } from './gif-writer.ts'
import { type OddImage, refused, shown } from './odd-image.ts'
import { iccChunk, PNG_KIND, type PngFile, packedRows, pngChunk, writePng } from './png-writer.ts'
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

const SIZE = { width: WIDTH, height: HEIGHT }
const rgb8: PngFile = { ...SIZE, bits: 8, kind: PNG_KIND.rgb, samples: samples8() }
const rgb16: PngFile = { ...rgb8, bits: 16, samples: samples16(undefined, true) }
const grey16: PngFile = {
  ...rgb16,
  kind: PNG_KIND.grey,
  samples: samples16((rgb) => [grey(rgb)], true),
}
const rgba16: PngFile = {
  ...rgb16,
  kind: PNG_KIND.rgba,
  samples: samples16((rgb, x) => [...rgb, fade(x)], true),
}
const palette8: PngFile = {
  ...rgb8,
  kind: PNG_KIND.palette,
  samples: samples8((rgb) => [nearest(rgb)]),
  before: [['PLTE', palette()]],
}
const white = new Uint8Array(SHOWN.pixels.length).fill(255)

/** A drawing that is white where the picture has its block, and transparent elsewhere. */
const lightDrawing: PngFile = {
  ...rgb8,
  kind: PNG_KIND.rgba,
  samples: samples8((rgb) => [255, 255, 255, rgb[2] === 90 ? 255 : 0]),
}

function control(sequence: number): Buffer {
  const data = Buffer.alloc(26)
  data.writeUInt32BE(sequence, 0)
  data.writeUInt32BE(WIDTH, 4)
  data.writeUInt32BE(HEIGHT, 8)
  data.set([0, 1, 0, 10], 20)
  return data
}

/** A film whose picture is white, and whose second frame shows something. */
function film(): Buffer {
  const animation = Buffer.from('0000000200000000', 'hex')
  const sequence = Buffer.from('00000002', 'hex')
  return writePng({
    ...rgb8,
    samples: white,
    before: [
      ['acTL', animation],
      ['fcTL', control(0)],
    ],
    after: [
      ['fcTL', control(1)],
      ['fdAT', Buffer.concat([sequence, packedRows(samples8(), HEIGHT)])],
    ],
  })
}

const jpeg = () => encoder(SHOWN).jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer()
const large = () =>
  sharp(SHOWN.pixels, { raw: { ...SIZE, channels: 3 } })
    .resize(480, 320)
    .png()
    .toBuffer()

/** Inserts bytes before the first marker of that kind. */
function inserted(file: Buffer, marker: number, bytes: Uint8Array): Buffer {
  const at = file.indexOf(Buffer.from([0xff, marker]))
  return Buffer.concat([file.subarray(0, at), bytes, file.subarray(at)])
}

function scanParameters(file: Buffer): Buffer {
  const copy = Buffer.from(file)
  const at = copy.indexOf(Buffer.from([0xff, 0xda]))
  const length = copy.readUInt16BE(at + 2)
  copy.set([0, 0, 0], at + 2 + length - 3)
  return copy
}

/** Changes coded data well inside the last scan. */
function damagedScan(file: Buffer, change: (part: Buffer) => void): Buffer {
  const copy = Buffer.from(file)
  const start = copy.lastIndexOf(Buffer.from([0xff, 0xda])) + 20
  const middle = start + Math.floor((copy.length - start) / 3)
  change(copy.subarray(middle, middle + Math.floor((copy.length - start) / 4)))
  return copy
}

function damaged(file: Buffer, share: number): Buffer {
  const copy = Buffer.from(file)
  const at = Math.floor(copy.length * share)
  copy[at] = copy[at]! ^ 0xff
  return copy
}

const colours = samples8((rgb) => [nearest(rgb)])
const blank = new Uint8Array(WIDTH * HEIGHT).fill(215)

function gif(frames: Parameters<typeof writeGif>[0]['frames']): Buffer {
  return writeGif({ ...SIZE, palette: palette(), frames })
}

async function webpFilm(): Promise<Buffer> {
  const frames = [white, SHOWN.pixels].map((pixels) =>
    sharp(pixels, { raw: { ...SIZE, channels: 3 } })
      .png()
      .toBuffer(),
  )
  return await sharp(await Promise.all(frames), { join: { animated: true } })
    .webp({ lossless: true })
    .toBuffer()
}

async function withBrand(brand: string): Promise<Buffer> {
  const file = await encoder(SHOWN).avif({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer()
  file.write(brand, 8, 'latin1')
  return file
}

/** Calls the box with the picture something else, and adds the box of a film. */
async function filmAlone(): Promise<Buffer> {
  const file = await withBrand('avis')
  file.write('free', file.indexOf('meta'), 'latin1')
  return Buffer.concat([file, Buffer.from('\0\0\0\x08moov', 'latin1')])
}

export const PNG_IMAGES: readonly OddImage[] = [
  shown('png-rgb16', () => writePng(rgb16)),
  shown('png-rgb16-p3', async () =>
    writePng({ ...rgb16, before: [iccChunk(await profileOf('p3'))] }),
  ),
  shown('png-rgb16-srgb', async () =>
    writePng({ ...rgb16, before: [iccChunk(await profileOf('srgb'))] }),
  ),
  shown('png-rgb8-p3', async () =>
    writePng({ ...rgb8, before: [iccChunk(await profileOf('p3'))] }),
  ),
  shown('png-grey16', () => writePng(grey16)),
  shown(
    'png-grey16-linear',
    () => writePng({ ...grey16, before: [iccChunk(linearGreyProfile())] }),
    3,
  ),
  shown(
    'png-grey8-linear',
    () =>
      writePng({
        ...grey16,
        bits: 8,
        samples: samples8((rgb) => [grey(rgb)]),
        before: [iccChunk(linearGreyProfile())],
      }),
    3,
  ),
  shown('png-rgba16', () => writePng(rgba16)),
  shown(
    'png-rgba16-p3',
    async () => writePng({ ...rgba16, before: [iccChunk(await profileOf('p3'))] }),
    3,
  ),
  shown('png-grey-alpha16', () =>
    writePng({
      ...rgb16,
      kind: PNG_KIND.greyAlpha,
      samples: samples16((rgb, x) => [grey(rgb), fade(x)], true),
    }),
  ),
  shown(
    'png-grey-alpha16-linear',
    () =>
      writePng({
        ...rgb16,
        kind: PNG_KIND.greyAlpha,
        samples: samples16((rgb, x) => [grey(rgb), fade(x)], true),
        before: [iccChunk(linearGreyProfile())],
      }),
    3,
  ),
  shown('png-grey1', () =>
    writePng({
      ...rgb8,
      bits: 1,
      kind: PNG_KIND.grey,
      samples: packedSamples(1, (rgb) => grey(rgb) >> 7),
    }),
  ),
  shown('png-grey4', () =>
    writePng({
      ...rgb8,
      bits: 4,
      kind: PNG_KIND.grey,
      samples: packedSamples(4, (rgb) => grey(rgb) >> 4),
    }),
  ),
  shown('png-palette8', () => writePng(palette8)),
  shown('png-palette8-transparent', () =>
    writePng({
      ...palette8,
      before: [
        ['PLTE', palette()],
        ['tRNS', Uint8Array.from({ length: 216 }, (_, i) => 255 - i)],
      ],
    }),
  ),
  shown('png-rgb8-transparent-colour', () =>
    writePng({ ...rgb8, before: [['tRNS', Uint8Array.of(0, 20, 0, 30, 0, 90)]] }),
  ),
  shown('png-broken-profile', () =>
    writePng({ ...rgb8, before: [iccChunk(Buffer.from('no profile'))] }),
  ),
  shown('png-grey-rgb-profile', async () =>
    writePng({
      ...rgb8,
      kind: PNG_KIND.grey,
      samples: samples8((rgb) => [grey(rgb)]),
      before: [iccChunk(await profileOf('p3'))],
    }),
  ),
  shown('png-damaged-comment', () => {
    const file = writePng({ ...rgb8, before: [['tEXt', Buffer.from('Comment\0hello')]] })
    const at = file.indexOf('hello') + 5
    file[at] = file[at]! ^ 0xff
    return file
  }),
  shown('png-interlaced', () => encoder(SHOWN).png({ progressive: true }).toBuffer()),
  shown('png-more-after-end', () => Buffer.concat([writePng(rgb8), Buffer.from('more')])),
  shown('png-film-blank-first', film),
  shown('png-light-drawing', () => writePng(lightDrawing)),
  refused('png-half', async () => truncated(await large()), 'a PNG that is cut off'),
  refused('png-damaged', async () => damaged(await large(), 0.5), 'chunk IDAT at byte'),
  refused(
    'png-too-few-rows',
    () => {
      const file = writePng({ ...rgb8, samples: samples8().subarray(0, WIDTH * 3 * 20) })
      return file
    },
    'a PNG',
  ),
  refused(
    'png-of-apple',
    () =>
      Buffer.concat([
        writePng(rgb8).subarray(0, 8),
        pngChunk('CgBI', Buffer.alloc(4)),
        writePng(rgb8).subarray(8),
      ]),
    'Apple',
  ),
]

export const JPEG_IMAGES: readonly OddImage[] = [
  shown('jpeg', jpeg, 4),
  shown(
    'jpeg-progressive',
    () => encoder(SHOWN).jpeg({ quality: 95, progressive: true }).toBuffer(),
    4,
  ),
  shown(
    'jpeg-p3',
    () =>
      encoder(SHOWN)
        .withIccProfile('p3')
        .jpeg({ quality: 95, chromaSubsampling: '4:4:4' })
        .toBuffer(),
    6,
  ),
  shown(
    'jpeg-cmyk-profile',
    () => encoder(SHOWN).withIccProfile('cmyk').jpeg({ quality: 95 }).toBuffer(),
    10,
  ),
  shown('jpeg-stray-bytes', async () => inserted(await jpeg(), 0xc4, Buffer.from('stray')), 4),
  shown('jpeg-scan-parameters', async () => scanParameters(await jpeg()), 4),
  shown('jpeg-more-after-end', async () => Buffer.concat([await jpeg(), await jpeg()]), 4),
  shown('jpeg-zeros-after-scan', async () => inserted(await jpeg(), 0xd9, new Uint8Array(17)), 4),
  refused('jpeg-half', async () => truncated(await jpeg()), 'a JPEG that is cut off'),
  refused('jpeg-nine-tenths', async () => truncated(await jpeg(), 0.9), 'a JPEG that is cut off'),
  refused(
    'jpeg-zeros-inside',
    async () =>
      damagedScan(
        await sharp(await large())
          .jpeg()
          .toBuffer(),
        (part) => part.fill(0),
      ),
    'damaged',
  ),
  refused(
    'jpeg-noise-inside',
    async () =>
      damagedScan(
        await sharp(await large())
          .jpeg()
          .toBuffer(),
        (part) => part.set(part.map((_, i) => (i * 101 + 7) % 251)),
      ),
    'damaged',
  ),
  refused(
    'jpeg-progressive-zeros-inside',
    async () =>
      damagedScan(
        await sharp(await large())
          .jpeg({ progressive: true })
          .toBuffer(),
        (part) => part.fill(0),
      ),
    'damaged',
  ),
]

export const FILM_IMAGES: readonly OddImage[] = [
  shown('gif', () => gif([{ ...SIZE, colours }])),
  shown('gif-blank-first', () =>
    gif([
      { ...SIZE, colours: blank },
      { ...SIZE, colours },
    ]),
  ),
  shown('gif-transparent-first', () =>
    gif([
      { ...SIZE, colours: blank, transparent: 215 },
      { ...SIZE, colours },
    ]),
  ),
  shown('gif-transparent', () => gif([{ ...SIZE, colours, transparent: nearest([20, 30, 90]) }])),
  shown('gif-small-frame', () =>
    gif([
      {
        left: 8,
        top: 4,
        width: 24,
        height: 16,
        colours: colours.filter((_, i) => i % WIDTH < 24).subarray(0, 24 * 16),
      },
    ]),
  ),
  refused('gif-half', () => truncated(gif([{ ...SIZE, colours }])), 'a GIF that is cut off'),
  refused(
    'gif-frame-breaks-off',
    () => gif([{ ...SIZE, colours, coded: 700 }]),
    'frame 1 breaks off after 700 of 1536 pixels',
  ),
  shown('webp-blank-first', webpFilm),
  refused(
    'webp-film-cut-off',
    async () => truncated(await webpFilm(), 0.9),
    'a WebP that is cut off',
  ),
  shown('webp-alpha', () =>
    sharp(
      samples8((rgb, x) => [...rgb, fade(x)]),
      { raw: { ...SIZE, channels: 4 } },
    )
      .webp({ lossless: true })
      .toBuffer(),
  ),
  refused(
    'webp-half',
    async () => truncated(await encoder(SHOWN).webp({ lossless: true }).toBuffer()),
    'a WebP that is cut off',
  ),
  shown('avif', () => withBrand('avif'), 6),
  shown('avif-sequence-with-picture', () => withBrand('avis'), 6),
  shown('avif-of-heif', () => withBrand('mif1'), 6),
  refused('avif-sequence-alone', filmAlone, 'sequence without a still picture'),
  refused(
    'avif-half',
    async () => truncated(await withBrand('avif'), 0.8),
    'an AVIF that is cut off',
  ),
]
