import type { Metadata } from '../../engine/metadata.ts'

/** One image of an import. */
export interface ImportItem {
  /** The id of the record; for a file its path with `/`. */
  readonly id: string
  readonly metadata: Metadata
  /** The position after which its source resumes: plain JSON that grows in the order of items. */
  readonly position: string | number
  /** The bytes that it holds in memory until it is dropped; 0 for what is read later. */
  readonly heldBytes: number
  /** Reads the file. @throws its refusal, for example FILE_UNREADABLE or ARCHIVE_ENTRY_REFUSED. */
  readonly read: (signal: AbortSignal) => Promise<Uint8Array>
}

/** Whether the first folder of a path becomes the member `label` of the metadata. */
export type LabelFrom = 'folder' | 'none'

/** Reads the files of imports: those below a configured folder, and archives that were sent. */
export interface ImportFiles {
  /** @throws IMPORT_OFF without a configured root; IMPORT_FOLDER_REFUSED for one that is not below it. */
  checkFolder(folder: string): Promise<void>
  /** Walks over the images below it, in the order of ids, after the position. @throws as `checkFolder`. */
  folder(folder: string, after: string | null): AsyncIterable<Omit<ImportItem, 'metadata'>>
  /** Reads one file below the folder. @throws FILE_UNREADABLE, BODY_TOO_LARGE, and as `checkFolder`. */
  file(folder: string, path: string): Promise<Uint8Array>
  /**
   * Keeps an archive. @param announced its bytes, where they are known before. @returns its name here and its size.
   * @throws BODY_TOO_LARGE, ARCHIVE_INVALID; DISK_FULL before a byte is read.
   */
  keepArchive(
    body: AsyncIterable<Uint8Array>,
    announced?: number | null,
  ): Promise<{ name: string; bytes: number }>
  /** Walks over the images in it, after the position. @throws ARCHIVE_INVALID when it cannot be read to its end. */
  archive(name: string, after: number | null): AsyncIterable<Omit<ImportItem, 'metadata'>>
  dropArchive(name: string): Promise<void>
}

/** Gives the metadata of a path. A file that lies directly in the folder has no label. */
export function labelOf(id: string, labelFrom: LabelFrom): Metadata {
  const slash = id.indexOf('/')
  return labelFrom === 'none' || slash === -1 ? {} : { label: id.slice(0, slash) }
}

export interface UrlItem {
  readonly url: string
  readonly id: string
  readonly metadata: Metadata
}

/** The source of an import, which is stored with its job as JSON. */
export type ImportInput =
  | { readonly kind: 'folder'; readonly folder: string; readonly labelFrom: LabelFrom }
  | { readonly kind: 'archive'; readonly archive: string; readonly labelFrom: LabelFrom }
  | { readonly kind: 'urls'; readonly items: readonly UrlItem[] }
