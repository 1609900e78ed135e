import type { Command } from 'commander'
import { type Flags, loadConfig } from '../../config/config.ts'
import { addSettings } from '../options.ts'
import { printResult } from '../terminal.ts'

export function addCompactCommand(collections: Command): void {
  const command = collections
    .command('compact')
    .summary('rewrite the database without what was deleted')
    .description(
      'Writes the database of the data folder anew, without free pages, and removes all caches, which are made again ' +
        'when they are wanted. No service may run on the folder. docs/deletion.md says what deletion means.',
    )
    .option('--json', 'print the sizes as JSON')
  addSettings(command, ['data']).action(async (options: Flags & { readonly json?: true }) => {
    const { compactDataFolder } = await import('../../engine/embedded/store/compact.ts')
    const { dataFolder } = loadConfig(process.env, options)
    const sizes = compactDataFolder(dataFolder)
    printResult(options.json, { dataFolder, ...sizes }, () => {
      return `${dataFolder}: ${sizes.bytesBefore} bytes before, ${sizes.bytesAfter} now`
    })
  })
}
