import type { Command } from 'commander'
import type { CollectionStatus } from '../collection/requests.ts'
import { textTable } from '../text-table.ts'
import { addReembedCommand } from './reembed-command.ts'
import { withRetries } from './retry.ts'
import { addTargetOptions, openTarget, type TargetOptions } from './target-options.ts'

export function addCollectionsCommand(program: Command): void {
  const command = program
    .command('collections')
    .summary('list the collections, or move one to another model')
    .description('Lists the collections.')
    .option('--json', 'print them as JSON')
    .enablePositionalOptions()
  addTargetOptions(command).action(run)
  addReembedCommand(command)
}

async function run(options: TargetOptions & { json?: true }): Promise<void> {
  const { json, ...targetOptions } = options
  const target = await openTarget(targetOptions, process.env)
  try {
    const collections = await withRetries(() => target.collections())
    process.stdout.write(
      json === true ? `${JSON.stringify({ collections }, null, 2)}\n` : tableOf(collections),
    )
  } finally {
    await target.close()
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
