import type { Command } from 'commander'
import type { Flags } from '../../config/config.ts'
import { addSettings } from '../options.ts'
import { addAddCommand } from './add-command.ts'
import { addCheckCommand } from './check-command.ts'
import { addInspectCommand } from './inspect-command.ts'
import { addPullCommand } from './pull-command.ts'

type ListOptions = Flags & { readonly json?: true }

export function addModelsCommand(program: Command): void {
  const models = program
    .command('models')
    .summary('list, add, pull, inspect and check models')
    .description('Models are bundles: folders of the models folder. docs/models.md explains them.')
  const list = models
    .command('list')
    .description('Lists the models. Whether a model runs is what `check` says.')
    .option('--json', 'print them as JSON')
  addSettings(list, ['models', 'model']).action(async (options: ListOptions) => {
    const { printModels } = await import('./list-models.ts')
    await printModels(options)
  })
  addAddCommand(models)
  addPullCommand(models)
  addInspectCommand(models)
  addCheckCommand(models)
}
