import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { basename, join, posix } from 'node:path'
import {
  downloadFile,
  type FileFacts,
  finishedFile,
} from '../../adapters/model-hub/download-file.ts'
import { type HubRepository, requestFile } from '../../adapters/model-hub/hub-requests.ts'
import { readBundle } from '../../adapters/models-folder/read-bundle.ts'
import { checkFree } from '../../adapters/models-folder/write-bundle.ts'
import type { Config } from '../../config/config.ts'
import type { ModelBundle } from '../../embedding/model-bundle.ts'
import { AppError, shown } from '../../errors.ts'
import { graphFacts } from '../../onnx/graph-facts.ts'
import { describeModel, type ModelWishes } from './describe-model.ts'
import { installModel } from './install-model.ts'
import { readModelFiles } from './model-files.ts'
import { type LockEntry, readLock, writeLock } from './models-lock.ts'

export interface PullRequest {
  readonly repository: HubRepository
  /** Of the model made. */
  readonly name: string
  /** Null: the pinned one, else `main`. */
  readonly revision: string | null
  /** Paths of the ONNX file in the repository: the first that is there; null: pinned, else the usual. */
  readonly files: readonly string[] | null
  readonly wishes: ModelWishes
  /** Takes what the revision stands for now, and pins that. */
  readonly update: boolean
  /** Replaces a model of that name that was not pulled. */
  readonly force: boolean
}

export interface PullOptions {
  readonly maxBytes: number
  readonly idleTimeoutMs: number
  readonly signal: AbortSignal
  readonly onProgress: (path: string, bytes: number, total: number | null) => void
}

export interface Pulled {
  readonly bundle: ModelBundle
  readonly entry: LockEntry
  /** Whether anything had to be downloaded. */
  readonly change: 'pulled' | 'unchanged'
}

/** Of CLIP and SigLIP the vision part: the whole takes texts too. */
export const USUAL_FILES = ['onnx/vision_model.onnx', 'onnx/model.onnx', 'model.onnx']
const NOTES = ['preprocessor_config.json', 'config.json', 'README.md']
const MAX_NOTE_BYTES = 1024 * 1024
/** Beside the bundles, hidden; a broken download is gone on with there. */
const DOWNLOADS = '.downloads'

/**
 * Makes a bundle of a model of the hub and pins what was taken: by commit, and each file by SHA-256.
 * Pulled again it is verified, and made anew from the same files where it is damaged or gone.
 * @throws DOWNLOAD_FAILED, CHECKSUM_MISMATCH, MODEL_EXISTS; what describing and opening a model throw.
 */
export async function pullModel(
  request: PullRequest,
  config: Pick<Config, 'modelsFolder' | 'provider'>,
  options: PullOptions,
): Promise<Pulled> {
  const { modelsFolder } = config
  const { name, update } = request
  const lock = await readLock(modelsFolder)
  const pinned = lock[name] ?? null
  if (pinned === null) await checkFree(modelsFolder, name, { force: request.force || update })
  else if (!update) {
    checkAgrees(request, pinned)
    const intact = await intactBundle(join(modelsFolder, name), pinned)
    if (intact !== null) return { bundle: intact, entry: pinned, change: 'unchanged' }
  }
  const wanted = update ? null : pinned
  const download = await Download.start(request, wanted, modelsFolder, options)
  const bundle = describeModel(
    await download.fetchModel(),
    wanted === null ? request.wishes : (wanted.options as ModelWishes),
    await download.origin(),
  )
  const installed = await installModel(bundle, config)
  // Of the same files another version may make another bundle: what is pinned are the files.
  const entry = { ...(wanted ?? download.entry()), bundleSha256: installed.sha256 }
  await writeLock(modelsFolder, { ...lock, [name]: entry })
  await download.clear()
  return { bundle: installed, entry, change: 'pulled' }
}

/** What a second pull asks for must be what the first one pinned. */
function checkAgrees(
  { repository, revision, files, wishes, name }: PullRequest,
  pinned: LockEntry,
) {
  const differs =
    sourceOf(repository) !== pinned.source ||
    (revision !== null && revision !== pinned.revision) ||
    (files !== null && !files.includes(pinned.file)) ||
    (Object.keys(wishes).length > 0 && JSON.stringify(wishes) !== JSON.stringify(pinned.options))
  if (!differs) return
  throw new AppError(
    'MODEL_EXISTS',
    `${name} is pinned to ${pinned.file} of ${pinned.source} at ${pinned.revision} with its options; --update pins anew`,
  )
}

async function intactBundle(folder: string, pinned: LockEntry): Promise<ModelBundle | null> {
  try {
    const { bundle } = await readBundle(folder)
    return bundle.sha256 === pinned.bundleSha256 ? bundle : null
  } catch (error) {
    if (error instanceof AppError) return null
    throw error
  }
}

function sourceOf({ owner, name }: HubRepository): string {
  return `hf:${owner}/${name}`
}

/** One pull's files, below the folder of downloads as they lie in the repository. */
class Download {
  readonly #request: PullRequest
  readonly #options: PullOptions
  readonly #pinned: LockEntry | null
  readonly #revision: string
  /** Asked for by commit, so that all files are of one moment. */
  readonly #commit: string | null
  readonly #path: string
  readonly #repositoryFolder: string
  readonly #folder: string
  readonly #files: Record<string, FileFacts> = {}

  private constructor(
    request: PullRequest,
    options: PullOptions,
    pinned: LockEntry | null,
    found: { revision: string; commit: string | null; path: string; downloads: string },
  ) {
    this.#request = request
    this.#options = options
    this.#pinned = pinned
    this.#revision = found.revision
    this.#commit = found.commit
    this.#path = found.path
    const { owner, name } = request.repository
    this.#repositoryFolder = join(found.downloads, `${owner}--${name}`)
    this.#folder = join(this.#repositoryFolder, encodeURIComponent(found.commit ?? found.revision))
  }

  static async start(
    request: PullRequest,
    pinned: LockEntry | null,
    modelsFolder: string,
    options: PullOptions,
  ): Promise<Download> {
    const revision = request.revision ?? pinned?.revision ?? 'main'
    const at = pinned?.commit ?? revision
    const paths = pinned === null ? (request.files ?? USUAL_FILES) : [pinned.file]
    const downloads = join(modelsFolder, DOWNLOADS)
    for (const path of paths) {
      const signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.idleTimeoutMs)])
      const answer = await requestFile(request.repository, at, path, { method: 'HEAD', signal })
      if (answer === null) continue
      const commit = pinned?.commit ?? answer.hub.commit
      return new Download(request, options, pinned, { revision, commit, path, downloads })
    }
    throw new AppError(
      'DOWNLOAD_FAILED',
      `expected ${paths.join(' or ')} in ${sourceOf(request.repository)} at ${revision}, found none; --file names another`,
    )
  }

  async fetchModel() {
    await this.#dropOlder()
    let left = this.#options.maxBytes
    const model = await this.#fetch(this.#path, left)
    if (model === null) throw new AppError('DOWNLOAD_FAILED', `${this.#path} is gone from the hub`)
    left -= model.bytes
    const beside = posix.dirname(this.#path)
    const onnx = await readFile(join(this.#folder, this.#path))
    for (const name of graphFacts(onnx).externalFiles) {
      const weights = await this.#fetch(posix.join(beside, name), left)
      if (weights === null) {
        throw new AppError(
          'DOWNLOAD_FAILED',
          `expected the weights ${shown(name)} beside ${this.#path}`,
        )
      }
      left -= weights.bytes
    }
    for (const name of NOTES) {
      await this.#fetch(name, MAX_NOTE_BYTES, posix.join(beside, name))
    }
    return await readModelFiles(join(this.#folder, this.#path))
  }

  async origin() {
    const { name, repository } = this.#request
    const place = join(this.#folder, posix.dirname(this.#path), 'README.md')
    const card = await readFile(place, 'utf8').catch(() => null)
    return {
      ...{ name, card, licence: licenceOf(card) },
      version: (this.#commit ?? this.#revision).slice(0, 12),
      source: `${sourceOf(repository)} at ${this.#commit ?? this.#revision}, ${this.#path}`,
    }
  }

  entry(): Omit<LockEntry, 'bundleSha256'> {
    return {
      source: sourceOf(this.#request.repository),
      ...{ revision: this.#revision, commit: this.#commit, file: this.#path },
      options: { ...this.#request.wishes },
      files: this.#files,
    }
  }

  async clear(): Promise<void> {
    await rm(this.#repositoryFolder, { recursive: true, force: true })
  }

  /** What was begun of another commit will not be gone on with. */
  async #dropOlder(): Promise<void> {
    await mkdir(this.#folder, { recursive: true })
    for (const name of await readdir(this.#repositoryFolder)) {
      if (name === basename(this.#folder)) continue
      await rm(join(this.#repositoryFolder, name), { recursive: true, force: true })
    }
  }

  async #fetch(path: string, maxBytes: number, to = path): Promise<FileFacts | null> {
    const { idleTimeoutMs, signal, onProgress } = this.#options
    const target = join(this.#folder, to)
    // A file of a commit never changes, so one that a broken pull has finished will do.
    const kept = this.#commit === null ? null : await finishedFile(target)
    const downloaded =
      kept ??
      (await downloadFile(this.#request.repository, this.#commit ?? this.#revision, path, target, {
        ...{ maxBytes, idleTimeoutMs, signal },
        onProgress: (bytes, total) => onProgress(path, bytes, total),
      }))
    const pinned = this.#pinned?.files[path]
    if (downloaded === null) {
      if (pinned === undefined) return null
      throw mismatch(path, pinned.sha256, 'no such file any more')
    }
    const { bytes, sha256 } = downloaded
    if (this.#pinned !== null && sha256 !== pinned?.sha256) {
      await rm(target, { force: true })
      throw mismatch(path, pinned?.sha256 ?? 'no such file', sha256)
    }
    this.#files[path] = { bytes, sha256 }
    return downloaded
  }
}

function mismatch(what: string, wanted: string, got: string): AppError {
  return new AppError(
    'CHECKSUM_MISMATCH',
    `${what}: expected the SHA-256 ${wanted} of models.lock.json, got ${got}`,
  )
}

/** Of the card's front matter, as the hub shows it. */
function licenceOf(card: string | null): string {
  const matter = /^---\r?\n(.*?)\r?\n---/s.exec(card ?? '')?.[1] ?? ''
  const licence = /^license:[ \t]*["']?([\w .+-]{1,100}?)["']?[ \t]*\r?$/m.exec(matter)?.[1]
  return licence ?? 'not stated'
}
