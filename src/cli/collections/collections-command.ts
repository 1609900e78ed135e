import type { Command } from 'commander'
import type { CollectionStatus } from '../../collection/service.ts'
import { textTable } from '../../text-table.ts'
import { addBackendOptions, type BackendOptions, openBackend } from '../backend/backend-options.ts'
import { withRetries } from '../backend/retry.ts'
import { addReembedCommand } from './reembed-command.ts'

export function addCollectionsCommand(program: Command): void {
  const command = program
    .command('collections')
    .summary('list the collections, or move one to another model')
    .description('Lists the collections.')
    .option('--json', 'print them as JSON')
    .enablePositionalOptions()
  addBackendOptions(command).action(run)
  addReembedCommand(command)
}

async function run(options: BackendOptions & { json?: true }): Promise<void> {
  const { json, ...backendOptions } = options
  const backend = await openBackend(backendOptions, process.env)
  try {
    const collections = await withRetries(() => backend.collections())
    process.stdout.write(
      json === true ? `${JSON.stringify({ collections }, null, 2)}\n` : tableOf(collections),
    )
  } finally {
    await backend.close()
  }
}

function tableOf(collections: readonly CollectionStatus[]): string {
  return textTable(
    [
      { title: 'name', align: 'left' },
      { title: 'count', align: 'right' },
      { title: 'model', align: 'left' },
      { title: 'metric', align: 'left' },
      { title: 'dimensions', align: 'right' },
      { title: 'bytes on disk', align: 'right' },
      { title: 'in memory', align: 'right' },
    ],
    collections.map(({ name, count, model, metric, dimensions, bytes }) => [
      ...[name, String(count), model ?? '-', metric, String(dimensions)],
      ...[String(bytes.disk), String(bytes.memory)],
    ]),
  )
}
