import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Where models are: a user's own, and beside them those of the package. */
export interface BundlePlaces {
  /** Models are written here. */
  readonly modelsFolder: string
  /** Models that the models folder lacks are found here; null: nowhere else. */
  readonly shippedModels: string | null
}

/** Gives the folder of a model: that of the models folder where there is one, or nowhere one. */
export function bundleFolder({ modelsFolder, shippedModels }: BundlePlaces, name: string): string {
  const own = join(modelsFolder, name)
  if (shippedModels === null || existsSync(join(own, 'model.json'))) return own
  const shipped = join(shippedModels, name)
  return existsSync(join(shipped, 'model.json')) ? shipped : own
}
