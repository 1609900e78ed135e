import { undecodable } from '../image/file-fault.ts'
import { countGifPixels, type GifFile, type GifFrame, readGif } from '../image/gif-file.ts'
import { openSharp } from './sharp-opening.ts'
import { type DecodeRules, MOST_FRAMES, openPicture, type Picture } from './sharp-picture.ts'

/**
 * Gives the frames of a GIF, each as it looks on the canvas.
 * @throws UNDECODABLE_IMAGE where the data of a frame ends early: libnsgif leaves out what is missing, and says nothing.
 */
export async function* gifFrames(bytes: Uint8Array, rules: DecodeRules): AsyncGenerator<Picture> {
  const first = await openPicture({ bytes, page: 0, failOn: 'error' }, rules)
  const start = readGif(bytes, 1)
  await checkFrame(bytes, start, 0)
  const frame = start.frames[0]
  if (!first.hasAlpha && frame !== undefined && !covers(frame, first)) {
    yield await withWhiteAround(first, frame, rules)
    return
  }
  yield first
  const all = readGif(bytes, MOST_FRAMES)
  for (let page = 1; page < Math.min(first.pages, all.frames.length); page++) {
    await checkFrame(bytes, all, page)
    yield { ...first, opening: { ...first.opening, page } }
  }
}

async function checkFrame(bytes: Uint8Array, { frames }: GifFile, index: number): Promise<void> {
  const frame = frames[index]
  // libnsgif says that there is none.
  if (frame === undefined) return
  const wanted = frame.width * frame.height
  const got = await countGifPixels(bytes, frame)
  if (got === wanted) return
  const fault = `whose frame ${index + 1} breaks off after ${got} of ${wanted} pixels`
  throw undecodable(bytes, 'image/gif', { fault })
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
