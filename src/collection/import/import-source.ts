import type { Metadata } from '../../engine/metadata.ts'
import type { Exclusion } from './exclusion.ts'

/** One image of a folder or an archive. */
export interface FileItem {
  readonly kind: 'file'
  /** The id of the record: its path with `/`, in NFC. */
  readonly id: string
  /** The path in the Unicode form in which it was found; null of an id that was given. */
  readonly asFound: string | null
  /** The position after which its source resumes: plain JSON that grows in the order of items. */
  readonly position: string | number
  /** The bytes that it holds in memory until it is dropped; 0 for what is read later. */
  readonly heldBytes: number
  /** Reads the file. @throws its refusal, for example FILE_UNREADABLE or ARCHIVE_ENTRY_REFUSED. */
  readonly read: (signal: AbortSignal) => Promise<Uint8Array>
}

/** A file that is no image, or that an exclusion names. */
export interface LeftOutItem extends Pick<FileItem, 'position'> {
  readonly kind: 'leftOut'
  /** Its path. */
  readonly id: string
  readonly reason: string
}

export type FoundItem = FileItem | LeftOutItem

/** Whether the first folder of a path becomes the member `label` of the metadata. */
export type LabelFrom = 'folder' | 'none'

/** Reads the files of imports: those below a configured folder, and archives that were sent. */
export interface ImportFiles {
  /** @throws IMPORT_OFF without a configured root; IMPORT_FOLDER_REFUSED for one that is not below it. */
  checkFolder(folder: string): Promise<void>
  /** Walks over what lies below it, in the order of ids, after the position. @throws as `checkFolder`. */
  folder(folder: string, after: string | null, exclusion: Exclusion): AsyncIterable<FoundItem>
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
  /** Walks over what is in it, after the position. @throws ARCHIVE_INVALID when it cannot be read to its end. */
  archive(name: string, after: number | null, exclusion: Exclusion): AsyncIterable<FoundItem>
  dropArchive(name: string): Promise<void>
}

export interface UrlItem {
  readonly url: string
  readonly id: string
  /** Empty where none was given: that of an unchanged image then stays. */
  readonly metadata: Metadata
}

/** What the import of a folder or an archive may be told. */
export interface FileChoices {
  readonly labelFrom: LabelFrom
  /** Globs, as Exclusion takes them. */
  readonly exclude: readonly string[]
}

/** The source of an import, which is stored with its job as JSON. Jobs of earlier versions have no `exclude`. */
export type ImportInput =
  | ({ readonly kind: 'folder'; readonly folder: string } & StoredChoices)
  | ({ readonly kind: 'archive'; readonly archive: string } & StoredChoices)
  | { readonly kind: 'urls'; readonly items: readonly UrlItem[] }
  | { readonly kind: 'examples'; readonly pictures: number }

type StoredChoices = Pick<FileChoices, 'labelFrom'> & Partial<FileChoices>
