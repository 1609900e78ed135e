import { isAnimatedPng, laterPngFrames } from '../image/animated-png.ts'
import { asStillAvif } from '../image/avif-file.ts'
import { undecodable } from '../image/file-fault.ts'
import { hasZeroRun, holdsAllBlocks } from '../image/jpeg-scan.ts'
import { fullPages } from '../image/tiff/tiff-page.ts'
import { gifFrames } from './sharp-gif.ts'
import type { Opening } from './sharp-opening.ts'
import { type DecodeRules, MOST_FRAMES, openPicture, type Picture } from './sharp-picture.ts'
import { openTiffPage } from './sharp-tiff.ts'

/**
 * Gives the pictures of a file: first the one that it shows, then the frames or pages that stand for it where it is blank, up to
 * MOST_FRAMES.
 * @throws TOO_MANY_PIXELS; UNDECODABLE_IMAGE, also where libvips would fill what it cannot read.
 */
export function picturesOf(
  bytes: Uint8Array,
  mediaType: string,
  rules: DecodeRules,
): AsyncGenerator<Picture> {
  switch (mediaType) {
    case 'image/jpeg':
      return jpegPicture(bytes, rules)
    case 'image/avif':
      return only({ bytes: asStillAvif(bytes), failOn: 'error' }, rules)
    case 'image/png':
      return pngFrames(bytes, rules)
    case 'image/gif':
      return gifFrames(bytes, rules)
    case 'image/tiff':
      return tiffPages(bytes, rules)
    default:
      return webpFrames(bytes, rules)
  }
}

async function* jpegPicture(bytes: Uint8Array, rules: DecodeRules): AsyncGenerator<Picture> {
  // libjpeg warns of damaged data, and fills what it stands for.
  const picture = await openPicture({ bytes, failOn: 'warning' }, rules)
  if (hasZeroRun(bytes) && !(await holdsAllBlocks(bytes))) throw undecodable(bytes, 'image/jpeg')
  yield picture
}

async function* only(opening: Opening, rules: DecodeRules): AsyncGenerator<Picture> {
  yield await openPicture(opening, rules)
}

async function* webpFrames(bytes: Uint8Array, rules: DecodeRules): AsyncGenerator<Picture> {
  const first = await openPicture({ bytes, page: 0, failOn: 'error' }, rules)
  yield first
  for (let page = 1; page < Math.min(first.pages, MOST_FRAMES); page++) {
    yield { ...first, opening: { ...first.opening, page } }
  }
}

async function* pngFrames(bytes: Uint8Array, rules: DecodeRules): AsyncGenerator<Picture> {
  const first = await openPicture({ bytes, failOn: 'error' }, rules)
  if (!isAnimatedPng(bytes)) {
    yield first
    return
  }
  const pages = MOST_FRAMES
  yield { ...first, pages }
  let looked = 1
  for (const frame of laterPngFrames(bytes)) {
    if (looked++ === MOST_FRAMES) return
    yield { ...(await openPicture({ bytes: frame, failOn: 'error' }, rules)), pages }
  }
}

async function* tiffPages(bytes: Uint8Array, rules: DecodeRules): AsyncGenerator<Picture> {
  let looked = 0
  for (const page of fullPages(bytes)) {
    yield await openTiffPage(bytes, page, rules)
    if (++looked === MOST_FRAMES) return
  }
  if (looked === 0) throw undecodable(bytes, 'image/tiff')
}
