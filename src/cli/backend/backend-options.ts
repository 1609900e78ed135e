import type { Command } from 'commander'
import { type Flags, loadConfig } from '../../config/config.ts'
import {
  CLIENT_VARIABLES,
  flagOf,
  SETTINGS,
  type SettingName,
  variableOf,
} from '../../config/settings.ts'
import { AppError } from '../../errors.ts'
import type { Backend } from './backend.ts'

/** What of the service's configuration matters to a command that opens the data folder itself. */
const DIRECT: readonly SettingName[] = [
  ...(['data', 'models', 'model', 'provider'] as const),
  ...(['maxBodyBytes', 'maxPixels', 'logLevel'] as const),
]

// The log of a short command is noise beside its result, unless it was asked for.
const QUIET_LEVEL = 'warn'

export type BackendOptions = Flags & { readonly url?: string; readonly apiKey?: string }

/**
 * Adds `--url`, `--api-key` and the flags of the data folder; without `--model`, the default model, for a command that means
 * another by it.
 */
export function addBackendOptions(
  command: Command,
  { withoutModel = false }: { readonly withoutModel?: boolean } = {},
): Command {
  command
    .option('--url <url>', `a running service (default: ${CLIENT_VARIABLES.url})`)
    .option('--api-key <secret>', `its key (default: ${CLIENT_VARIABLES.apiKey})`)
  const names = withoutModel ? DIRECT.filter((name) => name !== 'model') : DIRECT
  return addSettings(command, names, { logLevel: QUIET_LEVEL })
}

/** `fallbacks`: defaults of this command that are not the service's. */
export function addSettings(
  command: Command,
  names: readonly SettingName[],
  fallbacks: Flags = {},
): Command {
  for (const name of names) {
    const { placeholder, about } = SETTINGS[name]
    const fallback = fallbacks[name] ?? SETTINGS[name].fallback
    const byDefault = fallback === null ? '' : `, default ${fallback}`
    command.option(
      `${flagOf(name)} <${placeholder.toLowerCase()}>`,
      `${about} (${variableOf(name)}${byDefault})`,
    )
  }
  return command
}

/**
 * The service at `--url` (or `LOOKALIKE_URL`, unless `--data` says otherwise), or the data folder.
 * @throws INVALID_REQUEST when flags contradict, CONFIG_INVALID, DATA_FOLDER_LOCKED, …
 */
export async function openBackend(
  options: BackendOptions,
  environment: NodeJS.ProcessEnv,
): Promise<Backend> {
  const direct = DIRECT.filter((name) => options[name] !== undefined)
  if (options.url !== undefined && direct.length > 0) {
    const flags = direct.map(flagOf).join(', ')
    throw new AppError(
      'INVALID_REQUEST',
      `expected either --url or flags of a data folder, got both: --url and ${flags}`,
    )
  }
  const url =
    options.url ?? (options.data === undefined ? environment[CLIENT_VARIABLES.url] : undefined)
  if (url !== undefined) {
    const { RemoteBackend } = await import('./remote-backend.ts')
    return new RemoteBackend({
      url,
      apiKey: options.apiKey ?? environment[CLIENT_VARIABLES.apiKey] ?? null,
    })
  }
  if (options.apiKey !== undefined) {
    throw new AppError('INVALID_REQUEST', 'expected --url beside --api-key, got none')
  }
  const quiet = environment[variableOf('logLevel')] === undefined ? { logLevel: QUIET_LEVEL } : {}
  const flags = Object.fromEntries(direct.map((name) => [name, options[name]]))
  const config = loadConfig(environment, { ...quiet, ...flags })
  const { openLocalBackend } = await import('./local-backend.ts')
  return await openLocalBackend(config)
}
