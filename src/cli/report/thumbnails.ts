import { readImageFile } from '../../adapters/image-files.ts'
import { createSharpImageDecoder } from '../../adapters/sharp-image-decoder.ts'
import type { Config } from '../../config/config.ts'
import { AppError } from '../../errors.ts'
import { mapBounded } from '../../scheduling/map-bounded.ts'
import type { Thumbnails } from './report-document.ts'

const AT_ONCE = 4
/** The pixels are not used: the thumbnail is what is asked for. */
const SPEC = { width: 1, height: 1, resize: 'stretch', cropFraction: 1, kernel: 'linear' } as const

/** JPEG files of at most 256 pixels a side; null for an image that can no longer be read. */
export async function makeThumbnails(
  paths: readonly string[],
  { maxPixels, maxBodyBytes }: Pick<Config, 'maxPixels' | 'maxBodyBytes'>,
): Promise<Thumbnails> {
  const decoder = createSharpImageDecoder({ maxPixels })
  try {
    const made = await mapBounded(paths, AT_ONCE, async (path) => {
      try {
        const bytes = await readImageFile(path, maxBodyBytes)
        const { thumbnail } = await decoder.decode(bytes, SPEC, { thumbnail: true })
        return [path, thumbnail?.bytes ?? null] as const
      } catch (error) {
        if (error instanceof AppError) return [path, null] as const
        throw error
      }
    })
    return new Map(made)
  } finally {
    await decoder.close()
  }
}
