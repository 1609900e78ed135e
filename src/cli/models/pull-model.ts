import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { basename, join, posix } from 'node:path'
import { type DownloadOptions, downloadFile } from '../../adapters/model-hub/download-file.ts'
import { type HubRepository, requestFile } from '../../adapters/model-hub/hub-requests.ts'
import { readBundle } from '../../adapters/models-folder/read-bundle.ts'
import { checkFree } from '../../adapters/models-folder/write-bundle.ts'
import type { Config } from '../../config/config.ts'
import type { ModelBundle } from '../../embedding/model-bundle.ts'
import { AppError, shown } from '../../errors.ts'
import type { FileFacts } from '../../files/hashing-reader.ts'
import { sha256OfFile } from '../../files/sha256.ts'
import { graphFacts } from '../../onnx/graph-facts.ts'
import { makeBundle } from './make-bundle.ts'
import { readModelFiles } from './model-files.ts'
import type { ModelOverrides } from './model-options.ts'
import { type LockEntry, readLock, writeLock } from './models-lock.ts'

export interface PullRequest {
  readonly repository: HubRepository
  /** The name of the model that is made. */
  readonly name: string
  /** Null: the pinned one, else `main`. */
  readonly revision: string | null
  /** Paths of the ONNX file in the repository, of which the first that is there is taken; null: the pinned one, else the usual. */
  readonly files: readonly string[] | null
  readonly overrides: ModelOverrides
  /** Takes what the revision stands for now, and pins that. */
  readonly update: boolean
  /** Replaces a model of that name that was not pulled. */
  readonly force: boolean
}

export interface PullOptions extends Omit<DownloadOptions, 'onProgress'> {
  readonly onProgress: (path: string, bytes: number, total: number | null) => void
}

/** The vision part of CLIP and SigLIP comes first: the whole takes texts too. */
export const USUAL_FILES = ['onnx/vision_model.onnx', 'onnx/model.onnx', 'model.onnx']
const NOTES = ['preprocessor_config.json', 'config.json', 'README.md']
const MAX_NOTE_BYTES = 1024 * 1024
/** Beside the bundles, hidden; a broken download is resumed there. */
const DOWNLOADS = '.downloads'

/**
 * Makes a bundle of a model of the hub and pins what was taken: by commit, and each file by SHA-256.
 * Pulled again it is verified, and made again from the same files where it is damaged or gone.
 * @returns as `change` whether anything had to be downloaded.
 * @throws DOWNLOAD_FAILED, CHECKSUM_MISMATCH, MODEL_EXISTS; what describing and opening a model throw.
 */
export async function pullModel(
  request: PullRequest,
  config: Pick<Config, 'modelsFolder' | 'provider'>,
  options: PullOptions,
): Promise<{ bundle: ModelBundle; entry: LockEntry; change: 'pulled' | 'unchanged' }> {
  const { modelsFolder } = config
  const { name, repository, overrides, update } = request
  const lock = await readLock(modelsFolder)
  const known = lock[name] ?? null
  if (known === null) await checkFree(modelsFolder, name, { force: request.force || update })
  else if (!update) {
    checkAgrees(request, known)
    const intact = await intactBundle(join(modelsFolder, name), known)
    if (intact !== null) return { bundle: intact, entry: known, change: 'unchanged' }
  }
  const pinned = update ? null : known
  const found = await findModel(request, pinned, options)
  // Asked for by commit, so that all files are of one moment.
  const revision = found.commit ?? found.revision
  const downloads = join(modelsFolder, DOWNLOADS, `${repository.owner}--${repository.name}`)
  const folder = join(downloads, encodeURIComponent(revision))
  await dropOthers(downloads, folder)
  const isCommit = found.commit !== null
  const download = { repository, revision, isCommit, folder, pinned, options }
  const files = await fetchFiles(download, found.file)
  const cardFile = join(folder, posix.dirname(found.file), 'README.md')
  const card = await readFile(cardFile, 'utf8').catch(() => null)
  const source = sourceOf(repository)
  const origin = {
    name,
    version: revision.slice(0, 12),
    licence: licenceOf(card),
    source: `${source} at ${revision}, ${found.file}`,
    card,
  }
  const model = await readModelFiles(join(folder, found.file))
  const bundle = await makeBundle(model, pinned?.options ?? overrides, origin, config)
  // Of the same files another version may make another bundle: what is pinned are the files.
  const taken = pinned ?? { source, ...found, options: { ...overrides }, files }
  const entry = { ...taken, bundleSha256: bundle.sha256 }
  await writeLock(modelsFolder, { ...lock, [name]: entry })
  await rm(downloads, { recursive: true, force: true })
  return { bundle, entry, change: 'pulled' }
}

/** A second pull must ask for what the first one pinned. @throws MODEL_EXISTS */
function checkAgrees(request: PullRequest, pinned: LockEntry): void {
  const { repository, revision, files, overrides, name } = request
  const agrees =
    sourceOf(repository) === pinned.source &&
    (revision === null || revision === pinned.revision) &&
    (files === null || files.includes(pinned.file)) &&
    (Object.keys(overrides).length === 0 ||
      JSON.stringify(overrides) === JSON.stringify(pinned.options))
  if (agrees) return
  const message = `${name} is pinned to ${pinned.file} of ${pinned.source} at ${pinned.revision} with its options; --update pins anew`
  throw new AppError('MODEL_EXISTS', message)
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

/** Asks the hub for the ONNX file and its commit. @throws DOWNLOAD_FAILED where there is none. */
async function findModel(
  { repository, ...request }: PullRequest,
  pinned: LockEntry | null,
  { signal, idleTimeoutMs }: PullOptions,
): Promise<Pick<LockEntry, 'revision' | 'commit' | 'file'>> {
  const revision = request.revision ?? pinned?.revision ?? 'main'
  const files = pinned === null ? (request.files ?? USUAL_FILES) : [pinned.file]
  for (const file of files) {
    const place = { repository, revision: pinned?.commit ?? revision, path: file }
    const answer = await requestFile(place, { method: 'HEAD', signal, idleTimeoutMs })
    if (answer !== null) return { revision, commit: pinned?.commit ?? answer.commit, file }
  }
  const message = `expected ${files.join(' or ')} in ${sourceOf(repository)} at ${revision}, found none; --file names another`
  throw new AppError('DOWNLOAD_FAILED', message)
}

/** Drops what was begun of another commit: it will not be resumed. */
async function dropOthers(downloads: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const name of await readdir(downloads)) {
    if (name === basename(folder)) continue
    await rm(join(downloads, name), { recursive: true, force: true })
  }
}

/** The files of one pull. */
interface Download {
  readonly repository: HubRepository
  readonly revision: string
  /** Whether the revision is a commit, whose files never change. */
  readonly isCommit: boolean
  /** The folder of the files, laid out as in the repository. */
  readonly folder: string
  readonly pinned: LockEntry | null
  readonly options: PullOptions
}

/** Downloads the ONNX file, the weights that it names, and what lies beside it. @returns the files by path. */
async function fetchFiles(download: Download, file: string): Promise<LockEntry['files']> {
  const files: Record<string, FileFacts> = {}
  let left = download.options.maxBytes
  const model = await fetchFile(download, file, left)
  if (model === null) throw new AppError('DOWNLOAD_FAILED', `${file} is gone from the hub`)
  files[file] = model
  left -= model.bytes
  const folder = posix.dirname(file)
  for (const name of graphFacts(await readFile(join(download.folder, file))).externalFiles) {
    const path = posix.join(folder, name)
    const weights = await fetchFile(download, path, left)
    if (weights === null) {
      throw new AppError('DOWNLOAD_FAILED', `expected the weights ${shown(name)} beside ${file}`)
    }
    files[path] = weights
    left -= weights.bytes
  }
  for (const name of NOTES) {
    const note = await fetchFile(download, name, MAX_NOTE_BYTES, posix.join(folder, name))
    if (note !== null) files[name] = note
  }
  return files
}

/** Downloads a file, unless a broken pull has finished it. @throws CHECKSUM_MISMATCH unless it is the pinned one. */
async function fetchFile(
  { repository, revision, isCommit, folder, pinned, options }: Download,
  path: string,
  maxBytes: number,
  to = path,
): Promise<FileFacts | null> {
  const target = join(folder, to)
  const finished = isCommit ? await stat(target).catch(() => null) : null
  const file =
    finished === null
      ? await downloadFile({ repository, revision, path }, target, {
          ...options,
          maxBytes,
          onProgress: (bytes, total) => options.onProgress(path, bytes, total),
        })
      : { bytes: finished.size, sha256: await sha256OfFile(target) }
  const expected = pinned?.files[path]?.sha256
  if (pinned === null || file?.sha256 === expected) return file
  await rm(target, { force: true })
  const message = `${path}: expected the SHA-256 ${expected ?? 'no such file'} of models.lock.json, got ${file?.sha256 ?? 'no such file any more'}`
  throw new AppError('CHECKSUM_MISMATCH', message)
}

/** Reads the licence of the card's front matter, as the hub shows it. */
function licenceOf(card: string | null): string {
  const matter = /^---\r?\n(.*?)\r?\n---/s.exec(card ?? '')?.[1] ?? ''
  const licence = /^license:[ \t]*["']?([\w .+-]{1,100}?)["']?[ \t]*\r?$/m.exec(matter)?.[1]
  return licence ?? 'not stated'
}
