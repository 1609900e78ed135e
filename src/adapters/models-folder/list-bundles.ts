import { access, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../errors.ts'

/**
 * Names of the bundles in a models folder: its folders that hold a `model.json`, sorted. Whether a
 * bundle is sound shows when it is opened.
 * @throws MODEL_NOT_FOUND when the folder cannot be read.
 */
export async function listBundles(modelsFolder: string): Promise<readonly string[]> {
  const entries = await readdir(modelsFolder).catch((cause) => {
    const message = `expected a readable folder of models at ${modelsFolder}: ${String(cause)}`
    throw new AppError('MODEL_NOT_FOUND', message, { cause })
  })
  const found = await Promise.all(
    entries.map(async (name) => {
      const isBundle = await access(join(modelsFolder, name, 'model.json')).then(
        () => true,
        () => false,
      )
      return isBundle ? [name] : []
    }),
  )
  return found.flat().sort()
}
