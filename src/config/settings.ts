import { isIP } from 'node:net'
import { shown } from '../errors.ts'
import { parseApiKeys, type Refuse, readApiKeys, SCOPES } from './api-keys.ts'

const MEBIBYTE = 1024 * 1024
const GIBIBYTE = 1024 * MEBIBYTE
const PROVIDERS = ['auto', 'cpu', 'cuda', 'tensorrt'] as const
const URL_FETCH_MODES = ['off', 'public'] as const
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

/** As `defaultFolders` finds it where there is no checkout. */
const OWN = '~/.local/share/lookalike'

const path = matching(/^[^\0]+$/, 'a path')
const HOST_NAME = /^[a-z0-9._-]+$/i
const hostName = matching(/^[a-z0-9.:%_-]+$/i, 'a host name or an address')
const modelName = matching(/^[a-z0-9][a-z0-9._-]*$/i, 'the name of a model')

/** The things that can be configured: each is an environment variable and the same flag of `lookalike serve`. */
export const SETTINGS = {
  host: setting('HOST', 'where to listen', hostName, '127.0.0.1'),
  port: setting('PORT', 'where to listen; 0 takes a free one', integer(0, 65_535), '8080'),
  data: setting('FOLDER', 'the data folder', path, null, `${OWN}/data`),
  models: setting('FOLDER', 'the folder of model bundles', path, null, `${OWN}/models`),
  model: setting('NAME', 'the default model', modelName, 'efficientnet-lite2-lite0-int8'),
  provider: setting('NAME', `where models run: ${PROVIDERS.join(', ')}`, oneOf(PROVIDERS), 'auto'),
  gpuDevice: setting('NUMBER', 'which GPU, where one is used', integer(0, 63), '0'),
  modelIdleSeconds: setting(
    'SECONDS',
    'a model that is not the default one is closed when unused for so long; 0 keeps it',
    integer(0, 604_800),
    '900',
  ),
  apiKeys: setting(
    'KEYS',
    'name:scope:secret, separated by commas; scope is read, write or read@COLLECTION+COLLECTION',
    parseApiKeys,
    null,
  ),
  apiKeysFile: setting(
    'FILE',
    'a file of name:scope:secret, separated by commas or lines; read again when it changes',
    readApiKeys,
    null,
  ),
  anonymous: setting(
    'SCOPE',
    'allow calls without a key on any host: read or write',
    oneOf(SCOPES),
    null,
  ),
  allowedHosts: setting(
    'HOSTS',
    'host names, separated by commas, that calls without a key may name beside loopback',
    listOf((name) => HOST_NAME.test(name), 'host names'),
    null,
  ),
  corsOrigins: setting(
    'ORIGINS',
    'origins, separated by commas, whose web pages may call and read the answers (CORS)',
    listOf(isOrigin, 'origins such as https://shop.example'),
    null,
  ),
  trustedProxies: setting(
    'ADDRESSES',
    'addresses and ranges of proxies, separated by commas, whose X-Forwarded-For names the caller',
    listOf(isAddressRange, 'addresses or ranges such as 10.0.0.0/8'),
    null,
  ),
  rateLimit: setting(
    'REQUESTS',
    'requests a minute of one key, or of one address without a key; 0 for no limit',
    integer(0, 1_000_000),
    '0',
  ),
  dailyQuota: setting(
    'REQUESTS',
    'requests a day (UTC) of one key, or of one address without a key; 0 for no limit',
    integer(0, 1_000_000_000),
    '0',
  ),
  deadlineSeconds: setting(
    'SECONDS',
    'in which the answer of a call must begin, and a join end',
    integer(1, 86_400),
    '300',
  ),
  maxBodyBytes: setting('BYTES', 'largest upload', integer(1, GIBIBYTE), `${32 * MEBIBYTE}`),
  maxCollections: setting('COUNT', 'most collections', integer(1, 1_000_000), '1000'),
  maxK: setting('COUNT', 'largest k of a search', integer(1, 10_000), '10000'),
  maxFilterConditions: setting(
    'COUNT',
    'most conditions and values of a filter',
    integer(1, 10_000),
    '1024',
  ),
  maxNeighbourhoods: setting(
    'COUNT',
    'records whose neighbours are looked for in one answer of duplicates, unknown records or suggestions',
    integer(1, 100_000),
    '1000',
  ),
  statisticsRecords: setting(
    'COUNT',
    'records drawn for statistics; a fifth of them are searched with',
    integer(5, 1000),
    '320',
  ),
  maxPixels: setting('PIXELS', 'largest image', integer(1, 1_000_000_000), '64000000'),
  graphFrom: setting(
    'RECORDS',
    'records from which a collection keeps a graph for approximate answers; 0 for never',
    integer(0, 1_000_000_000),
    '10000',
  ),
  urlFetch: setting(
    'MODE',
    `images by URL: ${URL_FETCH_MODES.join(', ')}; public fetches from public addresses only`,
    oneOf(URL_FETCH_MODES),
    'off',
  ),
  importRoot: setting('FOLDER', 'the folder below which imports may read', path, null),
  maxArchiveBytes: setting(
    'BYTES',
    'largest archive to import',
    integer(1, 1024 * GIBIBYTE),
    `${GIBIBYTE}`,
  ),
  logLevel: setting('LEVEL', LOG_LEVELS.join(', '), oneOf(LOG_LEVELS), 'info'),
}

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

/**
 * @param placeholder the form of the value, for `--help`.
 * @param parse reads a value; what it gives back after a refusal is not used.
 * @param fallback the value unless one is given; null: there is none then.
 * @param byDefault what people are told of the default: `fallback`, but for values that are found at the start.
 */
function setting<T, Fallback extends string | null>(
  placeholder: string,
  about: string,
  parse: (text: string, refuse: Refuse) => T,
  fallback: Fallback,
  byDefault: string | null = fallback,
) {
  return { placeholder, about, parse, fallback, byDefault }
}

function matching(pattern: RegExp, wanted: string) {
  return (text: string, refuse: Refuse): string => {
    if (!pattern.test(text)) refuse(`expected ${wanted}, got ${shown(text)}`)
    return text
  }
}

function listOf(fits: (item: string) => boolean, wanted: string) {
  return (text: string, refuse: Refuse): readonly string[] => {
    const items = text.split(',').map((item) => item.trim().toLowerCase())
    const odd = items.find((item) => !fits(item))
    if (odd !== undefined) refuse(`expected ${wanted}, separated by commas, got ${shown(odd)}`)
    return Object.freeze(items)
  }
}

/** Finds whether a text is an origin as browsers send it: without a path, and without the port that the scheme has anyway. */
function isOrigin(text: string): boolean {
  if (!/^https?:/.test(text) || text.includes('*') || !URL.canParse(text)) return false
  return new URL(text).origin === text
}

function isAddressRange(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/')
  const most = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0
  if (most === 0 || rest.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) > 0 && Number(bits) <= most)
}

function integer(least: number, most: number) {
  return (text: string, refuse: Refuse): number => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (value >= least && value <= most) return value
    refuse(`expected an integer from ${least} to ${most}, got ${shown(text)}`)
    return least
  }
}

function oneOf<const T extends string>(known: readonly [T, ...T[]]) {
  return (text: string, refuse: Refuse): T => {
    const found = known.find((value) => value === text)
    if (found === undefined) refuse(`expected one of ${known.join(', ')}, got ${shown(text)}`)
    return found ?? known[0]
  }
}
