import { undecodable } from '../image/file-fault.ts'
import type { Raster } from '../image/fingerprint.ts'
import { countGifPixels, type GifFrame, readGif } from '../image/gif-file.ts'
import { openSharp } from './sharp-opening.ts'
import {
  type DecodeRules,
  MOST_FRAMES,
  openPicture,
  type Picture,
  type Pictures,
} from './sharp-picture.ts'

/** How far a scaled pixel may be from black or white where it is that. */
const UNDRAWN = 64

/**
 * Opens a GIF. Where the data of a frame ends early, its check throws: libnsgif leaves out what is missing, and says nothing.
 * @throws TOO_MANY_PIXELS, UNDECODABLE_IMAGE.
 */
export async function openGif(bytes: Uint8Array, rules: DecodeRules): Promise<Pictures> {
  const opened = await openPicture({ bytes, page: 0, failOn: 'error' }, rules)
  const [frame] = readGif(bytes, 1).frames
  // libnsgif says that there is none.
  if (frame === undefined) return { first: opened, later: null }
  const first = { ...opened, check: frameCheck(bytes, frame, 0) }
  if (!opened.hasAlpha && !covers(frame, opened)) {
    return { first: { ...first, ...(await withWhiteAround(opened, frame, rules)) }, later: null }
  }
  return { first, later: opened.pages > 1 ? () => laterFrames(bytes, opened) : null }
}

async function* laterFrames(bytes: Uint8Array, first: Picture): AsyncGenerator<Picture> {
  const { frames } = readGif(bytes, MOST_FRAMES)
  for (let page = 1; page < Math.min(first.pages, frames.length); page++) {
    const opening = { ...first.opening, page }
    yield { ...first, opening, check: frameCheck(bytes, frames[page]!, page) }
  }
}

/** Makes a check that counts the pixels of a frame, where some may be missing. */
function frameCheck(
  bytes: Uint8Array,
  frame: GifFrame,
  index: number,
): NonNullable<Picture['check']> {
  return async (whole) => {
    // Later frames are drawn over what is there.
    const ordered = index === 0 && !frame.interlaced
    if (ordered && whole !== null && isDrawn(whole)) return
    const wanted = frame.width * frame.height
    const got = await countGifPixels(bytes, frame)
    if (got === wanted) return
    const fault = `whose frame ${index + 1} breaks off after ${got} of ${wanted} pixels`
    throw undecodable(bytes, 'image/gif', { fault })
  }
}

/** Tells whether the last pixel, which is drawn last, is neither black nor white: what is missing comes out as one of them. */
function isDrawn({ pixels }: Raster): boolean {
  const last = pixels.subarray(-3)
  return last.some((value) => value > UNDRAWN) && last.some((value) => value < 255 - UNDRAWN)
}

function covers({ left, top, width, height }: GifFrame, canvas: Picture): boolean {
  return left === 0 && top === 0 && width >= canvas.width && height >= canvas.height
}

/** Makes what no frame draws white, as browsers show it on a white page. libvips has it black where no colour is transparent. */
async function withWhiteAround(
  { opening, width, height, pages }: Picture,
  frame: GifFrame,
  { maxPixels, refuse, secondsLeft }: DecodeRules,
): Promise<Picture> {
  const image = openSharp(opening, maxPixels).toColourspace('srgb')
  const timeout = { seconds: secondsLeft() }
  const pixels = await image.raw({ depth: 'uchar' }).timeout(timeout).toBuffer().catch(refuse)
  const right = Math.min(width, frame.left + frame.width)
  const bottom = Math.min(height, frame.top + frame.height)
  for (let y = 0; y < height; y++) {
    const row = y * width * 3
    const drawn = y >= frame.top && y < bottom
    pixels.fill(255, row, row + (drawn ? Math.min(frame.left, width) : width) * 3)
    if (drawn) pixels.fill(255, row + right * 3, row + width * 3)
  }
  const raw = { width, height, channels: 3 } as const
  return { width, height, pages, hasAlpha: false, opening: { bytes: pixels, raw, failOn: 'error' } }
}
