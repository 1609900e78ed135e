import { isAnimatedPng, laterPngFrames } from '../image/animated-png.ts'
import { asStillAvif } from '../image/avif-file.ts'
import { undecodable } from '../image/file-fault.ts'
import { hasZeroRun, holdsAllBlocks } from '../image/jpeg-scan.ts'
import { fullPages, type TiffPage } from '../image/tiff/tiff-page.ts'
import { openGif } from './sharp-gif.ts'
import type { Opening } from './sharp-opening.ts'
import {
  type DecodeRules,
  MOST_FRAMES,
  openPicture,
  type Picture,
  type Pictures,
} from './sharp-picture.ts'
import { openTiffPage } from './sharp-tiff.ts'

/**
 * Opens the picture that a file shows, and finds what may stand for it where it is blank.
 * @throws TOO_MANY_PIXELS; UNDECODABLE_IMAGE, also where libvips would fill what it cannot read.
 */
export async function openPictures(
  bytes: Uint8Array,
  mediaType: string,
  rules: DecodeRules,
): Promise<Pictures> {
  switch (mediaType) {
    case 'image/jpeg':
      return await openJpeg(bytes, rules)
    case 'image/avif':
      return await openOne({ bytes: asStillAvif(bytes), failOn: 'error' }, rules)
    case 'image/png':
      return await openPng(bytes, rules)
    case 'image/gif':
      return await openGif(bytes, rules)
    case 'image/tiff':
      return await openTiff(bytes, rules)
    default:
      return await openWebp(bytes, rules)
  }
}

async function openJpeg(bytes: Uint8Array, rules: DecodeRules): Promise<Pictures> {
  // libjpeg warns of damaged data, and fills what it stands for.
  const { first, later } = await openOne({ bytes, failOn: 'warning' }, rules)
  const check = async () => {
    if (!(await holdsAllBlocks(bytes))) throw undecodable(bytes, 'image/jpeg')
  }
  return { first: hasZeroRun(bytes) ? { ...first, check } : first, later }
}

async function openOne(opening: Opening, rules: DecodeRules): Promise<Pictures> {
  return { first: await openPicture(opening, rules), later: null }
}

async function openWebp(bytes: Uint8Array, rules: DecodeRules): Promise<Pictures> {
  const first = await openPicture({ bytes, page: 0, failOn: 'error' }, rules)
  async function* later(): AsyncGenerator<Picture> {
    for (let page = 1; page < Math.min(first.pages, MOST_FRAMES); page++) {
      yield { ...first, opening: { ...first.opening, page } }
    }
  }
  return { first, later: first.pages > 1 ? later : null }
}

async function openPng(bytes: Uint8Array, rules: DecodeRules): Promise<Pictures> {
  const { first } = await openOne({ bytes, failOn: 'error' }, rules)
  async function* later(): AsyncGenerator<Picture> {
    let looked = 1
    for (const frame of laterPngFrames(bytes)) {
      if (looked++ === MOST_FRAMES) return
      yield await openPicture({ bytes: frame, failOn: 'error' }, rules)
    }
  }
  return { first, later: isAnimatedPng(bytes) ? later : null }
}

async function openTiff(bytes: Uint8Array, rules: DecodeRules): Promise<Pictures> {
  const pages = fullPages(bytes)
  const { value: page } = pages.next()
  if (page === undefined) throw undecodable(bytes, 'image/tiff')
  const first = await openTiffPage(bytes, page, rules)
  return { first, later: first.pages > 1 ? () => laterPages(bytes, pages, rules) : null }
}

async function* laterPages(
  bytes: Uint8Array,
  pages: Iterable<TiffPage>,
  rules: DecodeRules,
): AsyncGenerator<Picture> {
  let looked = 1
  for (const page of pages) {
    if (looked++ === MOST_FRAMES) return
    yield await openTiffPage(bytes, page, rules)
  }
}
