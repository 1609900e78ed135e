import type { Command } from 'commander'
import { type Flags, loadConfig } from '../../config/config.ts'
import { CLIENT_VARIABLES, flagOf, type SettingName, variableOf } from '../../config/settings.ts'
import { AppError } from '../../errors.ts'
import { addSettings } from '../options.ts'
import type { Backend } from './backend.ts'

/** The settings of the service that matter to a command that opens the data folder itself. */
const DATA_FOLDER_SETTINGS: readonly SettingName[] = [
  'data',
  'models',
  'model',
  'provider',
  'maxBodyBytes',
  'maxPixels',
  'logLevel',
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
  const names = DATA_FOLDER_SETTINGS.filter((name) => name !== 'model' || !withoutModel)
  addServiceOptions(command, 'a running service')
  return addSettings(command, names, { logLevel: QUIET_LEVEL })
}

/** Adds `--url` and `--api-key`. */
export function addServiceOptions(command: Command, about: string): Command {
  return command
    .option('--url <url>', `${about} (default: ${CLIENT_VARIABLES.url})`)
    .option('--api-key <secret>', `its key (default: ${CLIENT_VARIABLES.apiKey})`)
}

/**
 * Opens the service at `--url` (or `LOOKALIKE_URL`, unless `--data` says otherwise), or the data folder, for the time that
 * `work` takes.
 * @throws INVALID_REQUEST when flags contradict, CONFIG_INVALID, DATA_FOLDER_LOCKED, and what `work` throws.
 */
export async function withBackend<T>(
  options: BackendOptions,
  work: (backend: Backend) => Promise<T>,
): Promise<T> {
  const backend = await openBackend(options, process.env)
  try {
    return await work(backend)
  } finally {
    await backend.close()
  }
}

async function openBackend(
  options: BackendOptions,
  environment: NodeJS.ProcessEnv,
): Promise<Backend> {
  const direct = DATA_FOLDER_SETTINGS.filter((name) => options[name] !== undefined)
  if (options.url !== undefined && direct.length > 0) {
    const flags = direct.map(flagOf).join(', ')
    const message = `expected either --url or flags of a data folder, got both: --url and ${flags}`
    throw new AppError('INVALID_REQUEST', message)
  }
  const url =
    options.url ?? (options.data === undefined ? environment[CLIENT_VARIABLES.url] : undefined)
  if (url !== undefined) {
    const { remoteBackend } = await import('./remote-backend.ts')
    const apiKey = options.apiKey ?? environment[CLIENT_VARIABLES.apiKey] ?? null
    return remoteBackend({ url, apiKey })
  }
  if (options.apiKey !== undefined) {
    throw new AppError('INVALID_REQUEST', 'expected --url beside --api-key, got none')
  }
  const quiet = environment[variableOf('logLevel')] === undefined ? { logLevel: QUIET_LEVEL } : {}
  const config = loadConfig(environment, { ...quiet, ...options })
  const { openLocalBackend } = await import('./local-backend.ts')
  return await openLocalBackend(config)
}
