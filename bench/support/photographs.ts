import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { encoder, picture } from '../../test/support/images.ts'

const SIZE = { width: 640, height: 480 }

/** Makes JPEG files of 640 x 480 from the images in `folder`, or draws them where there is no folder. */
export async function photographs(folder: string | undefined, count: number): Promise<Buffer[]> {
  const sources =
    folder !== undefined && existsSync(folder)
      ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
          .filter((path) => /\.(jpe?g|png)$/i.test(path))
          .sort()
          .slice(0, count)
          .map((path) => sharp(readFileSync(join(folder, path))))
      : Array.from({ length: count }, (_, i) => encoder(picture(SIZE.width + i, SIZE.height + i)))
  return await Promise.all(
    sources.map((source) =>
      source
        .resize({ ...SIZE, fit: 'cover' })
        .jpeg()
        .toBuffer(),
    ),
  )
}
