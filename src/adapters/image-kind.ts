import { extname } from 'node:path'
import { AppError } from '../errors.ts'
import { sniffImage } from '../image/media-type.ts'

/** A file by its name: an image; an image of a camera's own format; or one whose first bytes decide. */
export type NamedLike = 'image' | 'raw' | 'other'

/** The bytes that show whether a file is an image. */
export const HEAD_BYTES = 4096

/** The reason of a file that is neither named like an image nor begins as one. */
export const NO_IMAGE = 'no image by its first bytes'

/** Formats that are taken, under the names that cameras, browsers and tools give them. */
const TAKEN = 'jpg jpeg jpe jfif jif pjpeg pjp mpo png apng webp avif gif tif tiff'
/** Formats that are not: refused like any image that cannot be read, so that whoever meant them learns of it. */
const NOT_TAKEN = 'bmp dib heic heif hif ico j2k jp2 jpx jxl psd svg tga'
/** They begin as a TIFF file whose first image is a small preview. */
const RAW =
  '3fr arw cr2 cr3 crw dcr dng erf iiq kdc mef mos mrw nef nrw orf pef raf raw rw2 rwl sr2 srf srw x3f'

const NAMED_LIKE: ReadonlyMap<string, NamedLike> = new Map([
  ...`${TAKEN} ${NOT_TAKEN}`.split(' ').map((name) => [`.${name}`, 'image'] as const),
  ...RAW.split(' ').map((name) => [`.${name}`, 'raw'] as const),
])

/** Judges a file by its extension, in any case. */
export function namedLike(path: string): NamedLike {
  return NAMED_LIKE.get(extname(path).toLowerCase()) ?? 'other'
}

/** Tells whether a file that begins with these bytes is an image that is taken. */
export function beginsAsImage(head: Uint8Array): boolean {
  try {
    sniffImage(head)
    return true
  } catch (error) {
    if (error instanceof AppError && error.code === 'NOT_AN_IMAGE') return false
    throw error
  }
}

/** Makes the refusal of a camera's own format. */
export function rawRefused(path: string): AppError {
  const wanted = 'expected a JPEG, PNG, WebP, AVIF, GIF or TIFF file'
  const got = `a raw file of a camera (${extname(path).toLowerCase()})`
  return new AppError('NOT_AN_IMAGE', `${wanted}, got ${got}: export it as JPEG`)
}
