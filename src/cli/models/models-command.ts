import type { Command } from 'commander'
import { addAddCommand } from './add-command.ts'
import { addCheckCommand } from './check-command.ts'
import { addInspectCommand } from './inspect-command.ts'
import { addListCommand } from './list-command.ts'
import { addPullCommand } from './pull-command.ts'

export function addModelsCommand(program: Command): void {
  const models = program
    .command('models')
    .summary('list, add, pull, inspect and check models')
    .description('Models are bundles: folders of the models folder. docs/models.md explains them.')
  addListCommand(models)
  addAddCommand(models)
  addPullCommand(models)
  addInspectCommand(models)
  addCheckCommand(models)
}
