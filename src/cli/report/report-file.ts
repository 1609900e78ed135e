import { access, constants, mkdir, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import { readImageFile } from '../../adapters/image-files.ts'
import { createSharpImageDecoder } from '../../adapters/sharp-image-decoder.ts'
import type { Config } from '../../config/config.ts'
import { AppError, messageOf } from '../../errors.ts'
import { mapBounded } from '../../scheduling/map-bounded.ts'
import { htmlReport } from './html-report.ts'
import { markdownReport } from './markdown-report.ts'
import { imagePaths, type ReportDocument, type Thumbnails } from './report-document.ts'

const IMAGES_AT_ONCE = 4
// Only the thumbnail is used, not the pixels.
const PIXEL = { width: 1, height: 1, resize: 'stretch', cropFraction: 1, kernel: 'linear' } as const

/** Checks before hours of work. @throws INVALID_REQUEST for a place where no file can be written. */
export async function checkReportFile(file: string): Promise<void> {
  try {
    await access(dirname(file), constants.W_OK)
    const found = await stat(file).catch(() => null)
    if (found?.isDirectory()) throw new Error('it is a folder')
  } catch (cause) {
    throw unwritable(file, cause)
  }
}

/** Writes an HTML file with all in it, or a Markdown file with its images in a folder beside it. @throws INVALID_REQUEST */
export async function writeReport(
  file: string,
  document: ReportDocument,
  config: Pick<Config, 'maxPixels' | 'maxBodyBytes'>,
): Promise<void> {
  const thumbnails = await makeThumbnails(imagePaths(document), config)
  try {
    if (extname(file).toLowerCase() === '.html') {
      await writeFile(file, htmlReport(document, thumbnails))
      return
    }
    const folder = `${file}-files`
    const { text, files } = markdownReport(document, thumbnails, basename(folder))
    if (files.size > 0) await mkdir(folder, { recursive: true })
    for (const [name, bytes] of files) await writeFile(join(folder, name), bytes)
    await writeFile(file, text)
  } catch (cause) {
    throw unwritable(file, cause)
  }
}

/** Makes JPEG files of at most 256 pixels a side; null for an image that can no longer be read. */
async function makeThumbnails(
  paths: readonly string[],
  { maxPixels, maxBodyBytes }: Pick<Config, 'maxPixels' | 'maxBodyBytes'>,
): Promise<Thumbnails> {
  const decoder = createSharpImageDecoder({ maxPixels })
  try {
    const made = await mapBounded(paths, IMAGES_AT_ONCE, async (path) => {
      try {
        const bytes = await readImageFile(path, maxBodyBytes)
        const { thumbnail } = await decoder.decode(bytes, PIXEL, { thumbnail: true })
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

function unwritable(file: string, cause: unknown): AppError {
  const message = `expected to write a report to ${file}: ${messageOf(cause)}`
  return new AppError('INVALID_REQUEST', message, { cause })
}
