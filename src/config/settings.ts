/** One thing that can be configured: an environment variable and the same flag of `lookalike serve`. */
export interface Setting {
  /** What the value looks like, for `--help`. */
  readonly placeholder: string
  readonly about: string
  /** Null: there is none unless given. */
  readonly fallback: string | null
}

const MEBIBYTE = 1024 * 1024

export const PROVIDERS = ['auto', 'cpu', 'cuda', 'tensorrt'] as const
export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
export const SCOPES = ['read', 'write'] as const
export const URL_FETCH_MODES = ['off', 'public'] as const

export const SETTINGS = {
  host: { placeholder: 'HOST', about: 'where to listen', fallback: '127.0.0.1' },
  port: { placeholder: 'PORT', about: 'where to listen; 0 takes a free one', fallback: '8080' },
  data: { placeholder: 'FOLDER', about: 'the data folder', fallback: 'index-data' },
  models: { placeholder: 'FOLDER', about: 'the folder of model bundles', fallback: 'models' },
  model: { placeholder: 'NAME', about: 'the default model', fallback: 'efficientnet-lite0' },
  provider: {
    placeholder: 'NAME',
    about: `where models run: ${PROVIDERS.join(', ')}`,
    fallback: 'auto',
  },
  gpuDevice: { placeholder: 'NUMBER', about: 'which GPU, where one is used', fallback: '0' },
  modelIdleSeconds: {
    placeholder: 'SECONDS',
    about: 'a model that is not the default one is closed when unused for so long; 0 keeps it',
    fallback: '900',
  },
  apiKeys: {
    placeholder: 'KEYS',
    about: 'name:scope:secret, separated by commas; scope is read or write',
    fallback: null,
  },
  apiKeysFile: {
    placeholder: 'FILE',
    about: 'a file of name:scope:secret, separated by commas or lines',
    fallback: null,
  },
  anonymous: {
    placeholder: 'SCOPE',
    about: 'allow calls without a key on any host: read or write',
    fallback: null,
  },
  maxBodyBytes: {
    placeholder: 'BYTES',
    about: 'largest upload',
    fallback: String(32 * MEBIBYTE),
  },
  maxPixels: { placeholder: 'PIXELS', about: 'largest image', fallback: '64000000' },
  graphFrom: {
    placeholder: 'RECORDS',
    about: 'records from which a collection keeps a graph for approximate answers; 0 for never',
    fallback: '10000',
  },
  urlFetch: {
    placeholder: 'MODE',
    about: `images by URL: ${URL_FETCH_MODES.join(', ')}; public fetches from public addresses only`,
    fallback: 'off',
  },
  importRoot: {
    placeholder: 'FOLDER',
    about: 'the folder below which imports may read',
    fallback: null,
  },
  maxArchiveBytes: {
    placeholder: 'BYTES',
    about: 'largest archive to import',
    fallback: String(1024 * MEBIBYTE),
  },
  logLevel: { placeholder: 'LEVEL', about: LOG_LEVELS.join(', '), fallback: 'info' },
} as const satisfies Record<string, Setting>

export type SettingName = keyof typeof SETTINGS
export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[]

/** Read by the commands that call a running service; no part of the service's own configuration. */
export const CLIENT_VARIABLES = { url: 'LOOKALIKE_URL', apiKey: 'LOOKALIKE_API_KEY' } as const

/** `maxPixels` -> `LOOKALIKE_MAX_PIXELS`. */
export function variableOf(name: SettingName): string {
  return `LOOKALIKE_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`
}

/** `maxPixels` -> `--max-pixels`. */
export function flagOf(name: SettingName): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}
