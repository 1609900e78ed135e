import { constants } from 'node:fs'
import { access, mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError, messageOf } from '../../errors.ts'
import { synced } from '../../files/durable-files.ts'

export interface BundleFiles {
  readonly name: string
  /** By file name, `model.json` among them. */
  readonly files: Readonly<Record<string, string | Uint8Array>>
}

/** @throws MODEL_EXISTS unless `force`; DATA_FOLDER_UNUSABLE when no model can be written there. */
export async function checkFree(
  modelsFolder: string,
  name: string,
  { force }: { readonly force: boolean },
): Promise<void> {
  // Who installs a first model makes the folder.
  if (!(await exists(modelsFolder))) return
  await written(access(modelsFolder, constants.W_OK))
  const folder = join(modelsFolder, name)
  if (force || !(await exists(folder))) return
  const message = `expected a free name, but ${folder} is there; --force replaces it`
  throw new AppError('MODEL_EXISTS', message)
}

/**
 * Writes a bundle beside the models, lets `check` look at its folder, and only then replaces what is in its place.
 * @throws DATA_FOLDER_UNUSABLE where it cannot be written; what `check` throws.
 */
export async function writeBundle(
  modelsFolder: string,
  { name, files }: BundleFiles,
  check: (folder: string) => Promise<void>,
): Promise<string> {
  await written(mkdir(modelsFolder, { recursive: true }))
  // Hidden, and a level deeper than bundles are looked for.
  const temporary = await written(mkdtemp(join(modelsFolder, '.bundle-')))
  try {
    const folder = join(temporary, name)
    await written(mkdir(folder))
    for (const [file, content] of Object.entries(files)) {
      await written(synced(join(folder, file), 'w', (handle) => handle.writeFile(content)))
    }
    await check(folder)
    const place = join(modelsFolder, name)
    if (await exists(place)) await written(rename(place, join(temporary, 'replaced')))
    await written(rename(folder, place))
    return place
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

async function written<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (cause) {
    const why = messageOf(cause)
    throw new AppError('DATA_FOLDER_UNUSABLE', `expected to write a model: ${why}`, { cause })
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null
}
