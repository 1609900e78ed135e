import type { LabelFrom, UrlItem } from '../../collection/import/import-source.ts'
import { parseMetadata } from '../../engine/metadata.ts'
import { AppError } from '../../errors.ts'
import { createParser } from '../schema-check.ts'
import { ImportBody } from '../schemas/job.ts'
import { parseJson } from './json-text.ts'

export type ImportRequest =
  | { readonly kind: 'folder'; readonly folder: string; readonly labelFrom: LabelFrom }
  | { readonly kind: 'urls'; readonly items: readonly UrlItem[] }

const parseBody = createParser(ImportBody)

/** `{ folder, labelFrom? }` or `{ urls }`. */
export function readImportBody(body: Uint8Array): ImportRequest {
  const { folder, urls, labelFrom } = parseBody(parseJson(body))
  if ((folder === undefined) === (urls === undefined)) {
    const got = folder === undefined ? 'neither' : 'both'
    throw new AppError('INVALID_REQUEST', `expected one of folder and urls, got ${got}`)
  }
  if (folder !== undefined) return { kind: 'folder', folder, labelFrom: labelFrom ?? 'folder' }
  if (labelFrom !== undefined) {
    throw new AppError('INVALID_REQUEST', '/labelFrom: expected it beside folder, got urls')
  }
  const items = urls!.map(({ url, id, metadata }) => {
    return { url, id: id ?? url, metadata: parseMetadata(metadata) }
  })
  return { kind: 'urls', items }
}
