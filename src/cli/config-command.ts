import type { Command } from 'commander'
import { type Config, type Flags, loadConfig } from '../config/config.ts'
import { SETTING_NAMES, variableOf } from '../config/settings.ts'
import { textTable } from '../text-table.ts'
import { addSettings } from './backend/backend-options.ts'

export function addConfigCommand(program: Command): void {
  const command = program
    .command('config')
    .description('Prints the configuration in force, secrets masked.')
    .option('--json', 'print it as JSON')
  addSettings(command, SETTING_NAMES).action(run)
}

function run(options: Flags & { json?: true }): void {
  const { json, ...flags } = options
  const shown = maskedConfig(loadConfig(process.env, flags))
  if (json === true) {
    process.stdout.write(`${JSON.stringify(shown, null, 2)}\n`)
    return
  }
  const rows = Object.entries(shown).map(([name, value]) => [name, textOf(value)])
  const columns = [
    { title: 'variable', align: 'left' },
    { title: 'in force', align: 'left' },
  ] as const
  process.stdout.write(textTable(columns, rows))
}

/** By variable. Keys from a file show under the same name as others: what counts is that they do. */
function maskedConfig(config: Config): Record<string, unknown> {
  return {
    [variableOf('host')]: config.host,
    [variableOf('port')]: config.port,
    [variableOf('data')]: config.dataFolder,
    [variableOf('models')]: config.modelsFolder,
    [variableOf('model')]: config.model,
    [variableOf('provider')]: config.provider,
    [variableOf('gpuDevice')]: config.gpuDevice,
    [variableOf('modelIdleSeconds')]: config.modelIdleSeconds,
    [variableOf('apiKeys')]: config.apiKeys.map(({ name, scope }) => `${name}:${scope}:***`),
    [variableOf('anonymous')]: config.anonymous,
    [variableOf('maxBodyBytes')]: config.maxBodyBytes,
    [variableOf('maxPixels')]: config.maxPixels,
    [variableOf('graphFrom')]: config.graphFrom,
    [variableOf('urlFetch')]: config.urlFetch,
    [variableOf('importRoot')]: config.importRoot,
    [variableOf('maxArchiveBytes')]: config.maxArchiveBytes,
    [variableOf('logLevel')]: config.logLevel,
  }
}

function textOf(value: unknown): string {
  if (value === null || (Array.isArray(value) && value.length === 0)) return '-'
  return Array.isArray(value) ? value.join(', ') : String(value)
}
