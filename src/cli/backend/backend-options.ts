import type { Command } from 'commander'
import { type Flags, loadConfig } from '../../config/config.ts'
import { CLIENT_VARIABLES, flagOf, type SettingName, variableOf } from '../../config/settings.ts'
import { AppError } from '../../errors.ts'
import { addSettings, MODEL_SETTINGS } from '../options.ts'
import type { Backend } from './backend.ts'

/** The settings of the service that matter to a command that opens the data folder itself. */
const DATA_FOLDER_SETTINGS = ['data', ...MODEL_SETTINGS, 'logLevel'] as const

// The log of a short command is noise beside its result, unless the user sets a level.
const QUIET_LEVEL = 'warn'

export type BackendOptions = Flags & { readonly url?: string; readonly apiKey?: string }

/** Adds `--url`, `--api-key` and the flags of the data folder, but for that of a setting which the command means otherwise. */
export function addBackendOptions(command: Command, but?: SettingName): Command {
  addServiceOptions(command, 'a running service')
  const names = DATA_FOLDER_SETTINGS.filter((name) => name !== but)
  return addSettings(command, names, { logLevel: QUIET_LEVEL })
}

export function addServiceOptions(command: Command, about: string): Command {
  return command
    .option('--url <url>', `${about} (default: ${CLIENT_VARIABLES.url})`)
    .option('--api-key <secret>', `its key (default: ${CLIENT_VARIABLES.apiKey})`)
}

/**
 * Opens the service at `--url` (or `LOOKALIKE_URL`, without `--data`), or the data folder, while `work` runs.
 * @throws INVALID_REQUEST when flags contradict, CONFIG_INVALID, DATA_FOLDER_LOCKED, and what `work` throws.
 */
export async function withBackend<T>(
  options: BackendOptions,
  work: (backend: Backend) => Promise<T>,
): Promise<T> {
  const backend = await openBackend(options)
  try {
    return await work(backend)
  } finally {
    await backend.close()
  }
}

async function openBackend(options: BackendOptions): Promise<Backend> {
  const direct = DATA_FOLDER_SETTINGS.filter((name) => options[name] !== undefined)
  if (options.url !== undefined && direct.length > 0) {
    const flags = direct.map(flagOf).join(', ')
    const message = `expected either --url or flags of a data folder, got both: --url and ${flags}`
    throw new AppError('INVALID_REQUEST', message)
  }
  const byDefault = options.data === undefined ? process.env[CLIENT_VARIABLES.url] : undefined
  const url = options.url ?? byDefault
  if (url !== undefined) {
    const { remoteBackend } = await import('./remote-backend.ts')
    const apiKey = options.apiKey ?? process.env[CLIENT_VARIABLES.apiKey] ?? null
    return remoteBackend({ url, apiKey })
  }
  if (options.apiKey !== undefined) {
    throw new AppError('INVALID_REQUEST', 'expected --url beside --api-key, got none')
  }
  const quiet = process.env[variableOf('logLevel')] === undefined ? { logLevel: QUIET_LEVEL } : {}
  const config = loadConfig(process.env, { ...quiet, ...options })
  const { openLocalBackend } = await import('./local-backend.ts')
  return await openLocalBackend(config)
}
