import { copyFileSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { TestContext } from 'node:test'
import { SHIPPED_MODELS } from './shipped-models.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { tinyDescription, tinyModel, writeBundle } from './tiny-model.ts'

const EMOJI = 'examples/emoji'

export interface LabelledPictures {
  readonly root: string
  /** Holds the class folders. */
  readonly folder: string
  /** With the models that are shipped, and `tiny`. */
  readonly models: string
  readonly labels: readonly string[]
}

/** The first pictures of some classes of examples/emoji, and a models folder with backbones. */
export async function labelledPictures(
  t: TestContext,
  classes: number,
  perClass: number,
): Promise<LabelledPictures> {
  const root = temporaryFolder(t)
  const [folder, models] = [join(root, 'pictures'), join(root, 'models')]
  mkdirSync(models)
  for (const name of SHIPPED_MODELS) symlinkSync(resolve('models', name), join(models, name))
  // The roots of the mean red, green and blue: the whole way in seconds.
  const input = { ...tinyDescription.input, mean: [0, 0, 0] }
  await writeBundle(models, tinyModel(), { ...tinyDescription, input })
  const labels = readdirSync(EMOJI, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
    .slice(0, classes)
  for (const label of labels) {
    mkdirSync(join(folder, label), { recursive: true })
    for (const file of readdirSync(join(EMOJI, label)).sort().slice(0, perClass)) {
      copyFileSync(join(EMOJI, label, file), join(folder, label, file))
    }
  }
  return { root, folder, models, labels }
}
