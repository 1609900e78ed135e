import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { type ModelBundle, parseModelBundle } from '../../embedding/model-bundle.ts'
import { AppError, messageOf, shown } from '../../errors.ts'
import { readRegular } from '../../files/regular-file.ts'
import { sha256Of } from '../../files/sha256.ts'
import type { BundlePlaces } from './bundle-folder.ts'

const MAX_DESCRIPTION_BYTES = 1024 * 1024
/** Protobuf's own limit of a message, which an ONNX file is. */
export const MAX_MODEL_BYTES = 2 ** 31 - 1

export interface FoundModel {
  /** The name of its folder. */
  readonly name: string
  readonly folder: string
  /** The ONNX file of a folder without `model.json`, which is no bundle yet; null for a bundle. */
  readonly undescribed: string | null
}

export type ReadBundle = Awaited<ReturnType<typeof readBundle>>

/**
 * Lists the folders that hold a model, sound or not, by name. A shipped one is left out where the models folder has one of its name.
 * @throws MODEL_NOT_FOUND without the folder, but where shipped models stand in for it.
 */
export async function listModels({
  modelsFolder,
  shippedModels,
}: BundlePlaces): Promise<readonly FoundModel[]> {
  const hasOwn = shippedModels === null || existsSync(modelsFolder)
  const own = hasOwn ? await modelsIn(modelsFolder) : []
  if (shippedModels === null) return own
  const shipped = await modelsIn(shippedModels)
  const others = shipped.filter(({ name }) => !own.some((one) => one.name === name))
  return [...own, ...others].sort((a, b) => (a.name < b.name ? -1 : 1))
}

async function modelsIn(folder: string): Promise<readonly FoundModel[]> {
  const names = await readdir(folder).catch((cause) => {
    const message = `expected a readable folder of models at ${folder}: ${String(cause)}`
    throw new AppError('MODEL_NOT_FOUND', message, { cause })
  })
  const found = await Promise.all(names.sort().map((name) => modelIn(folder, name)))
  return found.flat()
}

async function modelIn(modelsFolder: string, name: string): Promise<readonly FoundModel[]> {
  const folder = join(modelsFolder, name)
  const filesOf = (...path: string[]) => readdir(join(folder, ...path)).catch((): string[] => [])
  const files = await filesOf()
  if (files.includes('model.json')) return [{ name, folder, undescribed: null }]
  // Downloads and bundles that are still being made are hidden.
  if (name.startsWith('.')) return []
  const inner = (await filesOf('onnx')).map((file) => `onnx/${file}`)
  const undescribed = [...files, ...inner].find((file) => file.endsWith('.onnx'))
  return undescribed === undefined ? [] : [{ name, folder, undescribed }]
}

/** Reads and checks a description. @throws MODEL_NOT_FOUND without one; MODEL_INVALID, also for a name not the folder's. */
export async function readDescription(folder: string): Promise<ModelBundle> {
  const description = join(folder, 'model.json')
  const text = await readBounded(description, MAX_DESCRIPTION_BYTES, 'MODEL_NOT_FOUND')
  const bundle = parseModelBundle(text.toString('utf8'), description)
  const folderName = basename(resolve(folder))
  if (bundle.name !== folderName) {
    const message = `${description}: expected the name of its folder, ${shown(folderName)}, got ${shown(bundle.name)}`
    throw new AppError('MODEL_INVALID', message)
  }
  return bundle
}

/** Reads and checks a bundle. @throws as readDescription; MODEL_INVALID for a missing file, or one with another SHA-256. */
export async function readBundle(folder: string) {
  const bundle = await readDescription(folder)
  const file = join(folder, bundle.file)
  const onnx = await readBounded(file, MAX_MODEL_BYTES, 'MODEL_INVALID')
  const sha256 = sha256Of(onnx)
  if (sha256 !== bundle.sha256) {
    const message = `${file}: expected the SHA-256 ${bundle.sha256} of model.json, got ${sha256}`
    throw new AppError('MODEL_INVALID', message)
  }
  return { bundle, onnx }
}

async function readBounded(
  file: string,
  maxBytes: number,
  missing: 'MODEL_NOT_FOUND' | 'MODEL_INVALID',
): Promise<Buffer> {
  try {
    return await readRegular(file, maxBytes, (bytes) => {
      const message = `${file}: expected at most ${maxBytes} bytes, got ${bytes}`
      return new AppError('MODEL_INVALID', message)
    })
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    throw new AppError(missing, `expected a readable file ${file}: ${messageOf(cause)}`, { cause })
  }
}
