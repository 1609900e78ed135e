import { relative } from 'node:path'
import { isFile, readImageFile, realPathBelow } from '../../adapters/image-files.ts'
import type { RowMatrix } from '../../vector/row-matrix.ts'
import type { ReadImage } from './embed-files.ts'
import { listCsvImages } from './labelled-csv.ts'
import { type LabelledImages, listLabelledImages } from './labelled-images.ts'

/** A training learns from images, or from vectors of the backbone that are there already. */
export type TrainingSource = ImageSource | VectorSource

/** A folder of class folders, or a CSV file. */
export interface ImageSource {
  readonly kind: 'folder' | 'csv'
  readonly path: string
  /** A real path that no link may lead out of, or null. */
  readonly within: string | null
}

export interface VectorSource {
  readonly kind: 'vectors'
  readonly labels: readonly string[]
  /** Unit rows. */
  readonly vectors: RowMatrix
}

/** Looks what lies at the path: a file is read as CSV. @throws FILE_UNREADABLE */
export async function imageSource(path: string): Promise<ImageSource> {
  return { kind: (await isFile(path)) ? 'csv' : 'folder', path, within: null }
}

/** @throws as listLabelledImages and listCsvImages. */
export function listImages({ kind, path, within }: ImageSource): Promise<LabelledImages> {
  if (kind === 'folder') return listLabelledImages(path, null, within)
  const name = within === null ? path : relative(within, path)
  return listCsvImages(path, null, ['train', 'validation', 'test'], name)
}

/** Makes what reads images. It judges each path again: a link may have changed meanwhile. */
export function imageReader({ within }: ImageSource, maxBytes: number): ReadImage {
  if (within === null) return (path) => readImageFile(path, maxBytes)
  return async (path) => readImageFile(await realPathBelow(path, within), maxBytes)
}
