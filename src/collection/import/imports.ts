import { checkNewId } from '../../engine/collection-spec.ts'
import { AppError, shown } from '../../errors.ts'
import { modelOf } from '../collection-models.ts'
import type { Collections } from '../collections.ts'
import type { Job } from '../jobs/job.ts'
import type { JobRunner } from '../jobs/job-runner.ts'
import { fetchNothing, type UrlFetcher } from '../url-fetcher.ts'
import { Exclusion } from './exclusion.ts'
import type { FileChoices, ImportFiles, ImportInput, UrlItem } from './import-source.ts'

interface Parts {
  readonly collections: Pick<Collections, 'get'>
  readonly jobs: JobRunner
  readonly files: ImportFiles
  readonly fetcher: UrlFetcher
}

/**
 * Starts imports, once they are checked as far as they can be; the job does the rest. All throw COLLECTION_NOT_FOUND,
 * COLLECTION_WITHOUT_MODEL, and what `JobRunner.start` throws.
 */
export class Imports {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** @throws IMPORT_OFF, IMPORT_FOLDER_REFUSED, and what Exclusion throws. */
  async folder(collection: string, folder: string, choices: FileChoices): Promise<Job> {
    this.#checkCollection(collection)
    checkExclude(choices)
    await this.#parts.files.checkFolder(folder)
    const input = { kind: 'folder', folder, ...choices } as const
    return this.#start(collection, `the folder ${shown(folder, 200)}`, input)
  }

  /** @throws URL_FETCH_OFF, INVALID_ID, DUPLICATE_ID. */
  async urls(collection: string, items: readonly UrlItem[]): Promise<Job> {
    this.#checkCollection(collection)
    const { fetcher } = this.#parts
    if (fetcher === fetchNothing) await fetcher.fetch(items[0]!.url)
    const seen = new Set<string>()
    for (const { id } of items) {
      if (seen.has(checkNewId(id))) {
        throw new AppError('DUPLICATE_ID', `expected each id once, got ${shown(id)} twice`)
      }
      seen.add(id)
    }
    return this.#start(collection, `${items.length} URLs`, { kind: 'urls', items })
  }

  /**
   * Takes a place in the queue before a byte of the archive.
   * @param announced the bytes of the body, where they are known before.
   * @throws BODY_TOO_LARGE, DISK_FULL, ARCHIVE_INVALID, and what Exclusion and reading the body throw.
   */
  async archive(
    collection: string,
    body: AsyncIterable<Uint8Array>,
    choices: FileChoices,
    announced: number | null = null,
  ): Promise<Job> {
    this.#checkCollection(collection)
    checkExclude(choices)
    const { files, jobs } = this.#parts
    // Until the jobs are open, archives that no job names are dropped.
    return await jobs.startMade(async (start) => {
      const { name, bytes } = await files.keepArchive(body, announced)
      try {
        const about = `an archive of ${bytes} bytes`
        const input: ImportInput = { kind: 'archive', archive: name, ...choices }
        return await start({ kind: 'import', collection, about, input })
      } catch (error) {
        await files.dropArchive(name)
        throw error
      }
    })
  }

  #checkCollection(name: string): void {
    modelOf(this.#parts.collections.get(name).spec)
  }

  #start(collection: string, about: string, input: ImportInput): Promise<Job> {
    return this.#parts.jobs.start({ kind: 'import', collection, about, input })
  }
}

function checkExclude({ exclude }: FileChoices): void {
  new Exclusion(exclude)
}
