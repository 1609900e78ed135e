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
  options: DownloadOptions,
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
  const { commit, file } = found
  // Requested by commit, so that all files are of one moment.
  const revision = commit ?? found.revision
  const downloads = join(modelsFolder, DOWNLOADS, `${repository.owner}--${repository.name}`)
  const folder = join(downloads, encodeURIComponent(revision))
  await mkdir(folder, { recursive: true })
  const others = (await readdir(downloads)).filter((other) => other !== basename(folder))
  // Downloads of other commits will not be resumed.
  for (const other of others) await rm(join(downloads, other), { recursive: true, force: true })
  const fetch: Fetch = async (path, maxBytes, to = path) => {
    const target = join(folder, to)
    // The files of a commit never change: one that a broken pull has finished stays.
    const finished = commit === null ? null : await stat(target).catch(() => null)
    const facts =
      finished === null
        ? await downloadFile({ repository, revision, path }, target, { ...options, maxBytes })
        : { bytes: finished.size, sha256: await sha256OfFile(target) }
    if (pinned !== null) await checkPinned(pinned, path, facts, target)
    return facts
  }
  const files = await fetchFiles(file, folder, options.maxBytes, fetch)
  const cardFile = join(folder, posix.dirname(file), 'README.md')
  const card = await readFile(cardFile, 'utf8').catch(() => null)
  const source = sourceOf(repository)
  const origin = {
    name,
    version: revision.slice(0, 12),
    licence: licenceOf(card),
    source: `${source} at ${revision}, ${file}`,
    card,
  }
  const model = await readModelFiles(join(folder, file))
  const bundle = await makeBundle(model, pinned?.options ?? overrides, origin, config)
  // Another version may make another bundle of the same files: the files are pinned.
  const taken = pinned ?? { source, ...found, options: { ...overrides }, files }
  const entry = { ...taken, bundleSha256: bundle.sha256 }
  await writeLock(modelsFolder, { ...lock, [name]: entry })
  await rm(downloads, { recursive: true, force: true })
  return { bundle, entry, change: 'pulled' }
}

/** A second pull must request what the first one pinned. @throws MODEL_EXISTS */
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

/** Finds the ONNX file in the repository, and its commit. @throws DOWNLOAD_FAILED where there is none. */
async function findModel(
  { repository, ...request }: PullRequest,
  pinned: LockEntry | null,
  { signal, idleTimeoutMs }: DownloadOptions,
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

/** Downloads a file of the repository to a path of the folder; null where there is none. */
type Fetch = (path: string, maxBytes: number, to?: string) => Promise<FileFacts | null>

/** Downloads the ONNX file, the weights that it names, and what lies beside it. @returns the files by path. */
async function fetchFiles(
  file: string,
  folder: string,
  maxBytes: number,
  fetch: Fetch,
): Promise<LockEntry['files']> {
  const files: Record<string, FileFacts> = {}
  const model = await fetch(file, maxBytes)
  if (model === null) throw new AppError('DOWNLOAD_FAILED', `${file} is gone from the hub`)
  files[file] = model
  let left = maxBytes - model.bytes
  const place = posix.dirname(file)
  for (const name of graphFacts(await readFile(join(folder, file))).externalFiles) {
    const path = posix.join(place, name)
    const weights = await fetch(path, left)
    if (weights === null) {
      throw new AppError('DOWNLOAD_FAILED', `expected the weights ${shown(name)} beside ${file}`)
    }
    files[path] = weights
    left -= weights.bytes
  }
  for (const name of NOTES) {
    const note = await fetch(name, MAX_NOTE_BYTES, posix.join(place, name))
    if (note !== null) files[name] = note
  }
  return files
}

/** Removes a file that is not the pinned one. @throws CHECKSUM_MISMATCH */
async function checkPinned(pinned: LockEntry, path: string, found: FileFacts | null, at: string) {
  const expected = pinned.files[path]?.sha256
  if (found?.sha256 === expected) return
  await rm(at, { force: true })
  const got = found?.sha256 ?? 'no such file any more'
  const message = `${path}: expected the SHA-256 ${expected ?? 'no such file'} of models.lock.json, got ${got}`
  throw new AppError('CHECKSUM_MISMATCH', message)
}

/** Reads the licence of the card's front matter, as the hub shows it. */
function licenceOf(card: string | null): string {
  const matter = /^---\r?\n(.*?)\r?\n---/s.exec(card ?? '')?.[1] ?? ''
  const licence = /^license:[ \t]*["']?([\w .+-]{1,100}?)["']?[ \t]*\r?$/m.exec(matter)?.[1]
  return licence ?? 'not stated'
}
