import {
  type FoundModel,
  listModels,
  readDescription,
} from '../../adapters/models-folder/read-bundle.ts'
import { type Flags, loadConfig } from '../../config/config.ts'
import { AppError } from '../../errors.ts'
import { left, right, textTable } from '../../text-table.ts'
import { printResult } from '../terminal.ts'

/** Prints the models, sound or not. */
export async function printModels(options: Flags & { readonly json?: true }): Promise<void> {
  const config = loadConfig(process.env, options)
  const found = await listModels(config)
  const models = await Promise.all(found.map((each) => listed(each, config.model)))
  const report = models.map(({ bundle, ...others }) => ({ ...bundle, ...others }))
  printResult(options.json, { models: report }, () => tableOf(models))
}

/** Reads the bundle of a model, or finds why there is none. */
async function listed({ name, folder, undescribed }: FoundModel, defaultModel: string) {
  const found = { name, default: name === defaultModel }
  if (undescribed !== null) {
    const fault = `expected a model.json beside ${undescribed}, got none: move the folder elsewhere, and give that file to \`lookalike models add\``
    return { ...found, bundle: null, fault }
  }
  try {
    return { ...found, bundle: await readDescription(folder), fault: null }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return { ...found, bundle: null, fault: error.message }
  }
}

function tableOf(models: readonly Awaited<ReturnType<typeof listed>>[]): string {
  return textTable({
    columns: [
      left('name'),
      left('default'),
      right('input'),
      right('dimensions'),
      left('licence'),
      left('source'),
    ],
    rows: models.map(({ name, default: isDefault, bundle, fault }) => {
      const start = [name, isDefault ? 'yes' : '']
      if (bundle === null) return [...start, '-', '-', '-', `broken: ${fault}`]
      const { input, output, licence, source } = bundle
      const size = `${input.width} x ${input.height}`
      return [...start, size, String(output.dimensions), licence, source]
    }),
  })
}
