import { randomUUID } from 'node:crypto'
import { mkdir, open, readdir, realpath, rm, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Exclusion } from '../collection/import/exclusion.ts'
import type { FoundItem, ImportFiles } from '../collection/import/import-source.ts'
import { compareIds } from '../engine/collection-spec.ts'
import { AppError, shown } from '../errors.ts'
import { bounded } from '../files/bounded-stream.ts'
import { PRIVATE_FILE, PRIVATE_FOLDER } from '../files/private-files.ts'
import { archiveFacts, archiveItems } from './archives/archive-items.ts'
import { formOnDisk, isBelow, readImageFile, realPathBelow } from './image-files.ts'
import { walkImages } from './walk-images.ts'

export interface LocalImportOptions {
  /** The folder below which imports may read; null for none. */
  readonly root: string | null
  /** The folder that archives stay in until their job has ended. */
  readonly archives: string
  readonly maxImageBytes: number
  readonly maxArchiveBytes: number
  /** Gives the bytes that are free where a folder lies; by default the file system is asked. */
  readonly freeBytes?: (folder: string) => Promise<number>
}

/** The bytes that an archive leaves free on the disk: the database has to go on. */
const KEPT_FREE_BYTES = 256 * 1024 * 1024

/** Reads the imports from this machine's own disk. */
export class LocalImportFiles implements ImportFiles {
  readonly #options: LocalImportOptions
  /** The bytes of the archives that are being uploaded. */
  #uploading = 0

  constructor(options: LocalImportOptions) {
    this.#options = options
  }

  async checkFolder(folder: string): Promise<void> {
    await this.place(folder, 'folder')
  }

  async *folder(
    folder: string,
    after: string | null,
    exclusion: Exclusion,
  ): AsyncGenerator<FoundItem> {
    const { root, path } = await this.place(folder, 'folder')
    for await (const file of walkImages(path, { within: root, exclusion })) {
      const { id } = file
      if (after !== null && compareIds(id, after) <= 0) continue
      if (file.kind === 'leftOut') {
        yield { ...file, position: id }
        continue
      }
      const read = async () => {
        if (file.kind === 'unreadable') throw file.error
        // Judged again when it is read: a link may have changed since the walk.
        return readImageFile(await realPathBelow(file.path, root), this.#options.maxImageBytes)
      }
      const asFound = file.kind === 'image' ? file.asFound : id
      yield { kind: 'file', id, asFound, position: id, heldBytes: 0, read }
    }
  }

  async file(folder: string, path: string): Promise<Uint8Array> {
    const { root, path: real } = await this.place(folder, 'folder')
    const file = join(real, path)
    if (!isBelow(file, real)) {
      throw new AppError('FILE_UNREADABLE', `expected a path in the folder, got ${shown(path)}`)
    }
    const found = await realPathBelow(await formOnDisk(file), root)
    return await readImageFile(found, this.#options.maxImageBytes)
  }

  async keepArchive(
    body: AsyncIterable<Uint8Array>,
    announced: number | null = null,
  ): Promise<{ name: string; bytes: number }> {
    const { archives, maxArchiveBytes } = this.#options
    const most = announced ?? maxArchiveBytes
    if (most > maxArchiveBytes) {
      const message = `expected an archive of at most ${maxArchiveBytes} bytes, got ${most}`
      throw new AppError('BODY_TOO_LARGE', message)
    }
    await mkdir(archives, { recursive: true, mode: PRIVATE_FOLDER })
    this.#uploading += most
    try {
      await this.#checkFree()
      return await this.#keep(body)
    } finally {
      this.#uploading -= most
    }
  }

  /** @throws DISK_FULL unless all that is being uploaded fits on the disk. */
  async #checkFree(): Promise<void> {
    const { archives, freeBytes = freeBytesOf } = this.#options
    const needed = this.#uploading + KEPT_FREE_BYTES
    const free = await freeBytes(archives)
    if (free >= needed) return
    const message = `expected ${needed} bytes to be free on the disk for archives, got ${free}`
    throw new AppError('DISK_FULL', message)
  }

  async #keep(body: AsyncIterable<Uint8Array>): Promise<{ name: string; bytes: number }> {
    const { archives, maxArchiveBytes } = this.#options
    const name = randomUUID()
    const path = join(archives, name)
    try {
      // Opened before a byte is read, so that a body that breaks at once leaves no file that comes later.
      const file = await open(path, 'wx', PRIVATE_FILE)
      const archive = bounded(body, maxArchiveBytes, () => {
        const message = `expected an archive of at most ${maxArchiveBytes} bytes, got more`
        return new AppError('BODY_TOO_LARGE', message)
      })
      await pipeline(archive, file.createWriteStream({ flush: true }))
      const { bytes } = await archiveFacts(path)
      return { name, bytes }
    } catch (error) {
      await rm(path, { force: true })
      throw error
    }
  }

  archive(name: string, after: number | null, exclusion: Exclusion): AsyncIterable<FoundItem> {
    const { archives, maxImageBytes } = this.#options
    return archiveItems(join(archives, name), after, { maxImageBytes, exclusion })
  }

  async dropArchive(name: string): Promise<void> {
    await rm(join(this.#options.archives, name), { force: true })
  }

  /** Frees the archives that no job waits for: those whose upload or job a crash interrupted. */
  async dropOtherArchives(names: readonly string[]): Promise<void> {
    const { archives } = this.#options
    await mkdir(archives, { recursive: true, mode: PRIVATE_FOLDER })
    for (const name of await readdir(archives)) {
      if (!names.includes(name)) await this.dropArchive(name)
    }
  }

  /** Resolves a folder or file, and the root above it, to real paths. @throws as `checkFolder`. */
  async place(given: string, kind: 'folder' | 'file'): Promise<{ root: string; path: string }> {
    if (this.#options.root === null) {
      const message = `importing ${kind}s is off here (LOOKALIKE_IMPORT_ROOT), got ${shown(given)}`
      throw new AppError('IMPORT_OFF', message)
    }
    try {
      const root = await realpath(this.#options.root)
      const path = await realpath(join(root, given))
      const found = await stat(path)
      const fits = kind === 'folder' ? found.isDirectory() : found.isFile()
      if (isBelow(path, root) && fits) return { root, path }
    } catch (cause) {
      throw refused(given, kind, cause)
    }
    throw refused(given, kind)
  }
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

/** Uses one message for what is missing and what lies elsewhere, so that nobody learns what is there. */
function refused(given: string, kind: string, cause?: unknown): AppError {
  const message = `expected a ${kind} below the import root, got ${shown(given)}`
  return new AppError('IMPORT_FOLDER_REFUSED', message, { cause })
}
