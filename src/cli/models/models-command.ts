import { join } from 'node:path'
import type { Command } from 'commander'
import {
  type FoundModel,
  listModels,
  readDescription,
} from '../../adapters/models-folder/read-bundle.ts'
import { type Flags, loadConfig } from '../../config/config.ts'
import { AppError } from '../../errors.ts'
import { left, right, textTable } from '../../text-table.ts'
import { addSettings } from '../options.ts'
import { printResult } from '../terminal.ts'
import { addAddCommand } from './add-command.ts'
import { addCheckCommand } from './check-command.ts'
import { addInspectCommand } from './inspect-command.ts'
import { addPullCommand } from './pull-command.ts'

export function addModelsCommand(program: Command): void {
  const models = program
    .command('models')
    .summary('list, add, pull, inspect and check models')
    .description('Models are bundles: folders of the models folder. docs/models.md explains them.')
  const list = models
    .command('list')
    .description('Lists the models. Whether a model runs is what `check` says.')
    .option('--json', 'print them as JSON')
  addSettings(list, ['models', 'model']).action(printModels)
  addAddCommand(models)
  addPullCommand(models)
  addInspectCommand(models)
  addCheckCommand(models)
}

async function printModels(options: Flags & { readonly json?: true }): Promise<void> {
  const { modelsFolder, model } = loadConfig(process.env, options)
  const found = await listModels(modelsFolder)
  const models = await Promise.all(found.map((each) => listed(modelsFolder, each, model)))
  const report = models.map(({ bundle, ...others }) => ({ ...bundle, ...others }))
  printResult(options.json, { models: report }, () => tableOf(models))
}

/** Reads the bundle of a model, or finds why there is none. */
async function listed(folder: string, { name, undescribed }: FoundModel, defaultModel: string) {
  const found = { name, default: name === defaultModel }
  if (undescribed !== null) {
    const fault = `expected a model.json beside ${undescribed}, got none: move the folder elsewhere, and give that file to \`lookalike models add\``
    return { ...found, bundle: null, fault }
  }
  try {
    return { ...found, bundle: await readDescription(join(folder, name)), fault: null }
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
