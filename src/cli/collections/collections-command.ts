import type { Command } from 'commander'
import type { CollectionStatus } from '../../collection/requests.ts'
import { left, right, textTable } from '../../text-table.ts'
import { withRetries } from '../backend/backend.ts'
import { addBackendOptions, type BackendOptions, withContract } from '../backend/backend-options.ts'
import { printResult } from '../terminal.ts'
import { addCompactCommand } from './compact-command.ts'
import { addCreateCommand, addDeleteCommand, addShowCommand } from './manage-commands.ts'
import { addReembedCommand } from './reembed-command.ts'

export function addCollectionsCommand(program: Command): void {
  const command = program
    .command('collections')
    .summary('list, make, show and delete collections, move one to another model, or compact all')
    .description('Lists the collections.')
    .option('--json', 'print them as JSON')
    .enablePositionalOptions()
  addBackendOptions(command).action(run)
  addCreateCommand(command)
  addShowCommand(command)
  addDeleteCommand(command)
  addReembedCommand(command)
  addCompactCommand(command)
}

async function run(options: BackendOptions & { readonly json?: true }): Promise<void> {
  await withContract(options, { scope: 'read' }, async ({ client }) => {
    const call = { method: 'GET', path: ['v1', 'collections'] } as const
    const list = () => client.list<CollectionStatus>('collections', 'name', call)
    const collections = await withRetries(list)
    printResult(options.json, { collections }, () => tableOf(collections))
  })
}

function tableOf(collections: readonly CollectionStatus[]): string {
  const columns = [
    left('name'),
    right('count'),
    left('model'),
    left('metric'),
    right('dimensions'),
    right('bytes on disk'),
    right('in memory'),
  ]
  const rows = collections.map(({ name, count, model, metric, dimensions, bytes }) => {
    const numbers = [dimensions, bytes.disk, bytes.memory].map(String)
    return [name, String(count), model ?? '-', metric, ...numbers]
  })
  return textTable({ columns, rows })
}
