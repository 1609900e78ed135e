import { checkFolder } from '../../adapters/image-files.ts'
import { walkImages } from '../../adapters/walk-images.ts'
import { pathId } from '../../collection/import/path-id.ts'
import { AppError } from '../../errors.ts'
import type { LeftOutFile } from './left-out-file.ts'
import { type RefusedFile, refusalOf } from './refused-file.ts'

export interface LabelledImage {
  /** The path below the folder, with `/`. */
  readonly id: string
  readonly path: string
  /** The first folder of the path, or the label in a CSV file. */
  readonly label: string
  readonly camera: string | null
  /** The part that a CSV file puts it in. */
  readonly split: Split | null
}

export const SPLITS = ['train', 'validation', 'test', 'query', 'gallery'] as const
export type Split = (typeof SPLITS)[number]

export interface LabelledImages {
  /** The images in the order of ids, or of the CSV file. */
  readonly images: readonly LabelledImage[]
  /** The folders and files that could not be walked. */
  readonly refused: readonly RefusedFile[]
  /** The number of images that lie in no class folder. */
  readonly unlabelled: number
  /** What is no image, or excluded by its name. */
  readonly leftOut: readonly LeftOutFile[]
}

export const MAX_IMAGES = 100_000

/**
 * Lists the images below a folder whose first folders are their labels.
 * @param labels the labels wanted, or null for all.
 * @param within see walkImages.
 * @throws FILE_UNREADABLE when there is no such folder, INVALID_REQUEST for labels that no image
 * has and for more than 100,000 images.
 */
export async function listLabelledImages(
  folder: string,
  labels: ReadonlySet<string> | null,
  within: string | null = null,
): Promise<LabelledImages> {
  await checkFolder(folder)
  const images: LabelledImage[] = []
  const refused: RefusedFile[] = []
  const leftOut: LeftOutFile[] = []
  const wanted = labels && new Set([...labels].map(pathId))
  const missing = new Set(wanted)
  let unlabelled = 0
  for await (const file of walkImages(folder, { within })) {
    const { id } = file
    const label = labelOf(id)
    if (label !== null && wanted?.has(label) === false) continue
    if (label !== null && file.kind !== 'leftOut') missing.delete(label)
    if (file.kind === 'leftOut') leftOut.push({ file: id, reason: file.reason })
    else if (file.kind === 'unreadable') refused.push(refusalOf(id, file.error))
    else if (label === null) unlabelled++
    else images.push({ id, path: file.path, label, camera: null, split: null })
    if (images.length > MAX_IMAGES) {
      const most = `at most ${MAX_IMAGES} images below ${folder}, got more`
      throw new AppError('INVALID_REQUEST', `expected ${most}; choose classes with --labels`)
    }
  }
  if (missing.size > 0) {
    const folders = `labels that are folders with images in ${folder}`
    const names = [...missing].join(', ')
    throw new AppError('INVALID_REQUEST', `expected ${folders}, got ${names}`)
  }
  return { images, refused, unlabelled, leftOut }
}

/** Gives the label of a path: its first folder, which may be all of it. */
function labelOf(id: string): string | null {
  const slash = id.indexOf('/')
  return slash === -1 ? null : id.slice(0, slash)
}
