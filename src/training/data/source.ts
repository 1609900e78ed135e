import { relative } from 'node:path'
import { isFile, readImageFile, realPathBelow } from '../../adapters/image-files.ts'
import type { RowMatrix } from '../../vector/row-matrix.ts'
import type { ReadPicture } from './embed-files.ts'
import { listCsvImages } from './labelled-csv.ts'
import { type LabelledImages, listLabelledImages } from './labelled-images.ts'

/**
 * What is learnt from: a folder of class folders, a CSV file, or vectors of the backbone that are
 * there already. `within`: a real path that no link may lead out of, or null.
 */
export type TrainingSource =
  | { readonly kind: 'folder' | 'csv'; readonly path: string; readonly within: string | null }
  | { readonly kind: 'vectors'; readonly labels: readonly string[]; readonly vectors: RowMatrix }

export type PictureSource = Exclude<TrainingSource, { readonly kind: 'vectors' }>

/** What lies at the path: a file is read as CSV. @throws FILE_UNREADABLE */
export async function pictureSource(path: string): Promise<PictureSource> {
  return { kind: (await isFile(path)) ? 'csv' : 'folder', path, within: null }
}

/** @throws as listLabelledImages and listCsvImages. */
export function listPictures({ kind, path, within }: PictureSource): Promise<LabelledImages> {
  if (kind === 'folder') return listLabelledImages(path, null, within)
  const name = within === null ? path : relative(within, path)
  return listCsvImages(path, null, ['train', 'validation', 'test'], name)
}

/** Judges each path again when it is read: a link may have changed since they were listed. */
export function pictureReader({ within }: PictureSource, maxBytes: number): ReadPicture {
  if (within === null) return (path) => readImageFile(path, maxBytes)
  return async (path) => readImageFile(await realPathBelow(path, within), maxBytes)
}
