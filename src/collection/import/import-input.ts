import type { Metadata } from '../../engine/metadata.ts'
import type { LabelFrom } from './import-source.ts'

/** One image of a list of URLs. */
export interface UrlItem {
  readonly url: string
  readonly id: string
  readonly metadata: Metadata
}

/** What an import was asked to read; stored with its job as JSON. */
export type ImportInput =
  | { readonly kind: 'folder'; readonly folder: string; readonly labelFrom: LabelFrom }
  | { readonly kind: 'archive'; readonly archive: string; readonly labelFrom: LabelFrom }
  | { readonly kind: 'urls'; readonly items: readonly UrlItem[] }
