import type { Command } from 'commander'
import { type Config, type Flags, loadConfig } from '../config/config.ts'
import { SETTING_NAMES, variableOf } from '../config/settings.ts'
import { left, textTable } from '../text-table.ts'
import { addSettings } from './options.ts'
import { printResult } from './terminal.ts'

export function addConfigCommand(program: Command): void {
  const command = program
    .command('config')
    .description('Prints the configuration in use, secrets masked.')
    .option('--json', 'print it as JSON')
  addSettings(command, SETTING_NAMES).action(run)
}

function run(options: Flags & { readonly json?: true }): void {
  const shown = maskedConfig(loadConfig(process.env, options))
  printResult(options.json, shown, () =>
    textTable({
      columns: [left('variable'), left('in use')],
      rows: Object.entries(shown).map(([name, value]) => [name, textOf(value)]),
    }),
  )
}

/** The values by variable. Keys from a file show under the same name as others: what counts is that they do. */
function maskedConfig({ dataFolder, modelsFolder, apiKeys, shippedModels: _, ...others }: Config) {
  const values = {
    ...others,
    data: dataFolder,
    models: modelsFolder,
    apiKeys: apiKeys.map(({ name, scope, collections }) => {
      const seen = collections === null ? '' : `@${collections.join('+')}`
      return `${name}:${scope}${seen}:***`
    }),
  }
  const names = SETTING_NAMES.filter((name) => name !== 'apiKeysFile')
  return Object.fromEntries(names.map((name) => [variableOf(name), values[name]]))
}

function textOf(value: unknown): string {
  if (value === null || (Array.isArray(value) && value.length === 0)) return '-'
  return Array.isArray(value) ? value.join(', ') : String(value)
}
