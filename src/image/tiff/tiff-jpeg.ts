import { holdsAllBlocks } from '../jpeg-scan.ts'
import { TIFF_TAGS } from './tiff-directory.ts'
import type { TiffPage } from './tiff-page.ts'

/** New-style JPEG. */
const JPEG = 7
const MARKER_BYTES = 2

/**
 * Looks for a damaged tile of JPEG, which libvips fills: it asks for no warnings of libjpeg there. Says what is wrong in words that go
 * after "got a TIFF"; null when nothing is.
 */
export async function jpegTileFault(page: TiffPage, bytes: Uint8Array): Promise<string | null> {
  const { directory, tiled, compression } = page
  if (!tiled || compression !== JPEG) return null
  // Tables are a JPEG without a picture: its start and its end are left off.
  const tables = directory.bytes(TIFF_TAGS.jpegTables)
  const before = tables.subarray(0, Math.max(0, tables.length - MARKER_BYTES))
  const tiles = directory.count(TIFF_TAGS.tileOffsets)
  for (let i = 0; i < tiles; i++) {
    const at = directory.value(TIFF_TAGS.tileOffsets, 0, i)
    const tile = bytes.subarray(at, at + directory.value(TIFF_TAGS.tileByteCounts, 0, i))
    const alone = before.length === 0 ? tile : Buffer.concat([before, tile.subarray(MARKER_BYTES)])
    if (!(await holdsAllBlocks(alone))) return `whose tile ${i + 1} of ${tiles} is a damaged JPEG`
  }
  return null
}
