import { join } from 'node:path'
import type { Command } from 'commander'
import {
  type FoundModel,
  listModels,
  readDescription,
} from '../../adapters/models-folder/read-bundle.ts'
import { type Flags, loadConfig } from '../../config/config.ts'
import type { ModelBundle } from '../../embedding/model-bundle.ts'
import { AppError } from '../../errors.ts'
import { textTable } from '../../text-table.ts'
import { addSettings } from '../backend/backend-options.ts'

interface ListedModel {
  readonly name: string
  readonly isDefault: boolean
  readonly bundle: ModelBundle | null
  /** Why there is no bundle. */
  readonly fault: string | null
}

export function addListCommand(models: Command): void {
  const command = models
    .command('list')
    .description('Lists the models. Whether a model runs is what `check` says.')
    .option('--json', 'print them as JSON')
  addSettings(command, ['models', 'model']).action(run)
}

async function run({ json, ...flags }: Flags & { readonly json?: true }): Promise<void> {
  const { modelsFolder, model } = loadConfig(process.env, flags)
  const found = await listModels(modelsFolder)
  const models = await Promise.all(found.map((each) => listed(modelsFolder, each, model)))
  process.stdout.write(
    json === true
      ? `${JSON.stringify({ models: models.map(asJson) }, null, 2)}\n`
      : textTable(COLUMNS, models.map(cellsOf)),
  )
}

async function listed(
  folder: string,
  { name, undescribed }: FoundModel,
  defaultModel: string,
): Promise<ListedModel> {
  const isDefault = name === defaultModel
  if (undescribed !== null) {
    const fault = `expected a model.json beside ${undescribed}, got none: move the folder elsewhere, and give that file to \`lookalike models add\``
    return { name, isDefault, bundle: null, fault }
  }
  try {
    const bundle = await readDescription(join(folder, name))
    return { name, isDefault, bundle, fault: null }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return { name, isDefault, bundle: null, fault: error.message }
  }
}

function asJson({ name, isDefault, bundle, fault }: ListedModel) {
  return { ...bundle, name, default: isDefault, fault }
}

const COLUMNS = [
  { title: 'name', align: 'left' },
  { title: 'default', align: 'left' },
  { title: 'input', align: 'right' },
  { title: 'dimensions', align: 'right' },
  { title: 'licence', align: 'left' },
  { title: 'source', align: 'left' },
] as const

function cellsOf({ name, isDefault, bundle, fault }: ListedModel): string[] {
  const start = [name, isDefault ? 'yes' : '']
  if (bundle === null) return [...start, '-', '-', '-', `broken: ${fault}`]
  const { input, output, licence, source } = bundle
  return [...start, `${input.width} x ${input.height}`, String(output.dimensions), licence, source]
}
