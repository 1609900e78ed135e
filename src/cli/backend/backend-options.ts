import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { type Config, type Flags, loadConfig } from '../../config/config.ts'
import { CLIENT_VARIABLES, flagOf, type SettingName, variableOf } from '../../config/settings.ts'
import { AppError } from '../../errors.ts'
import { addSettings, MODEL_SETTINGS } from '../options.ts'
import { notify } from '../terminal.ts'
import type { Backend } from './backend.ts'
import type { HttpClient } from './http-client.ts'

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

interface Needs {
  /** The scope of the key that all calls of the command take together. */
  readonly scope: 'read' | 'write'
  /** Whether the command makes a data folder that is not there. */
  readonly makesFolder?: boolean
}

type Place =
  | { readonly kind: 'service'; readonly url: string; readonly apiKey: string | null }
  | { readonly kind: 'folder'; readonly config: Config }

/**
 * Opens the service at `--url` (or `LOOKALIKE_URL`, without `--data`), or the data folder, while `work` runs.
 * @throws INVALID_REQUEST when flags contradict, CONFIG_INVALID, DATA_FOLDER_LOCKED, DATA_FOLDER_UNUSABLE, and what `work` throws.
 */
export async function withBackend<T>(
  options: BackendOptions,
  needs: Needs,
  work: (backend: Backend) => Promise<T>,
): Promise<T> {
  const backend = await openBackend(placeOf(options, needs), needs)
  try {
    return await work(backend)
  } finally {
    await backend.close()
  }
}

async function openBackend(place: Place, { scope }: Needs): Promise<Backend> {
  if (place.kind === 'service') {
    const { remoteBackend } = await import('./remote-backend.ts')
    return remoteBackend({ ...place, scope })
  }
  const { openLocalBackend } = await import('./local-backend.ts')
  return await openLocalBackend(place.config)
}

/** A client of the HTTP contract, of a running service or of a data folder. */
export interface Contract {
  readonly client: HttpClient
  /** The size beyond which a file need not be read. */
  readonly maxImageBytes: number
  /** Whether a service runs by itself: jobs go on without the command. */
  readonly isService: boolean
}

/** Does the same as withBackend, for commands that are calls of the HTTP contract. An unknown collection is answered with those that there are. */
export async function withContract<T>(
  options: BackendOptions,
  needs: Needs,
  work: (contract: Contract) => Promise<T>,
): Promise<T> {
  const contract = await openContract(placeOf(options, needs), needs)
  try {
    return await work(contract)
  } catch (error) {
    const { withWhatThereIs } = await import('./what-there-is.ts')
    throw await withWhatThereIs(error, contract.client)
  } finally {
    await contract.close()
  }
}

async function openContract(place: Place, { scope }: Needs) {
  if (place.kind === 'service') {
    const { HttpClient, MAX_IMAGE_BYTES } = await import('./http-client.ts')
    const client = new HttpClient({ ...place, scope })
    return { client, maxImageBytes: MAX_IMAGE_BYTES, isService: true, async close() {} }
  }
  const { openInProcessClient } = await import('./in-process-client.ts')
  return { ...(await openInProcessClient(place.config)), isService: false }
}

function placeOf(options: BackendOptions, { makesFolder = false }: Needs): Place {
  const direct = DATA_FOLDER_SETTINGS.filter((name) => options[name] !== undefined)
  if (options.url !== undefined && direct.length > 0) {
    const flags = direct.map(flagOf).join(', ')
    const message = `expected either --url or flags of a data folder, got both: --url and ${flags}`
    throw new AppError('INVALID_REQUEST', message)
  }
  const byDefault = options.data === undefined ? process.env[CLIENT_VARIABLES.url] : undefined
  const url = options.url ?? byDefault
  if (url !== undefined) {
    return {
      kind: 'service',
      url,
      apiKey: options.apiKey ?? process.env[CLIENT_VARIABLES.apiKey] ?? null,
    }
  }
  if (options.apiKey !== undefined) {
    throw new AppError('INVALID_REQUEST', 'expected --url beside --api-key, got none')
  }
  const quiet = process.env[variableOf('logLevel')] === undefined ? { logLevel: QUIET_LEVEL } : {}
  const config = loadConfig(process.env, { ...quiet, ...options })
  if (!existsSync(config.dataFolder)) {
    if (!makesFolder) {
      const cure = '`lookalike index` and `lookalike serve` make one'
      const message = `expected a data folder, found none at ${config.dataFolder}: ${cure}`
      throw new AppError('DATA_FOLDER_UNUSABLE', message)
    }
    notify(`making the data folder ${config.dataFolder}`)
  }
  return { kind: 'folder', config }
}
