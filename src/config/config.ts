import { AppError, type InputIssue, shown } from '../errors.ts'
import { type ApiKey, type ParsedKeys, parseApiKeys, readApiKeys } from './api-keys.ts'
import {
  CLIENT_VARIABLES,
  flagOf,
  LOG_LEVELS,
  PROVIDERS,
  SCOPES,
  SETTING_NAMES,
  SETTINGS,
  type SettingName,
  URL_FETCH_MODES,
  variableOf,
} from './settings.ts'

/** What is in force: parsed once, checked, and frozen. */
export interface Config {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  readonly dataFolder: string
  readonly modelsFolder: string
  /** The default model. */
  readonly model: string
  readonly provider: (typeof PROVIDERS)[number]
  readonly gpuDevice: number
  /** 0 keeps every model open. */
  readonly modelIdleSeconds: number
  readonly apiKeys: readonly ApiKey[]
  /** What calls without a key may do on any host; null when that was not allowed by name. */
  readonly anonymous: 'read' | 'write' | null
  readonly maxBodyBytes: number
  readonly maxPixels: number
  /** Records; 0 for never. */
  readonly graphFrom: number
  readonly urlFetch: (typeof URL_FETCH_MODES)[number]
  /** Imports may read below it; null: no folder may be imported. */
  readonly importRoot: string | null
  readonly maxArchiveBytes: number
  readonly logLevel: (typeof LOG_LEVELS)[number]
}

/** Flags as given on the command line, still text. */
export type Flags = { readonly [name in SettingName]?: string }

type Environment = { readonly [name: string]: string | undefined }

const PREFIX = 'LOOKALIKE_'
const MAX_PORT = 65_535
const MAX_BODY_BYTES = 1024 * 1024 * 1024
const MAX_ARCHIVE_BYTES = 1024 * 1024 * 1024 * 1024
const MAX_PIXELS = 1_000_000_000
const MAX_RECORDS = 1_000_000_000

/**
 * Parses the environment and the flags, which win over it.
 *
 * @throws CONFIG_INVALID, once, with every unknown `LOOKALIKE_*` name and every bad value in
 * `issues`, whose `path` is the name of the variable or the flag.
 */
export function loadConfig(environment: Environment, flags: Flags = {}): Config {
  const reader = new Reader(environment, flags)
  const config: Config = {
    host: reader.matching('host', /^[a-z0-9.:%_-]+$/i, 'a host name or an address'),
    port: reader.integer('port', 0, MAX_PORT),
    dataFolder: reader.matching('data', /^[^\0]+$/, 'a path'),
    modelsFolder: reader.matching('models', /^[^\0]+$/, 'a path'),
    model: reader.matching('model', /^[a-z0-9][a-z0-9._-]*$/i, 'the name of a model'),
    provider: reader.oneOf('provider', PROVIDERS),
    gpuDevice: reader.integer('gpuDevice', 0, 63),
    modelIdleSeconds: reader.integer('modelIdleSeconds', 0, 604_800),
    apiKeys: reader.apiKeys(),
    anonymous: reader.has('anonymous') ? reader.oneOf('anonymous', SCOPES) : null,
    maxBodyBytes: reader.integer('maxBodyBytes', 1, MAX_BODY_BYTES),
    maxPixels: reader.integer('maxPixels', 1, MAX_PIXELS),
    graphFrom: reader.integer('graphFrom', 0, MAX_RECORDS),
    urlFetch: reader.oneOf('urlFetch', URL_FETCH_MODES),
    importRoot: reader.has('importRoot')
      ? reader.matching('importRoot', /^[^\0]+$/, 'a path')
      : null,
    maxArchiveBytes: reader.integer('maxArchiveBytes', 1, MAX_ARCHIVE_BYTES),
    logLevel: reader.oneOf('logLevel', LOG_LEVELS),
  }
  reader.finish()
  return Object.freeze(config)
}

class Reader {
  readonly #environment: Environment
  readonly #flags: Flags
  readonly #issues: InputIssue[] = []

  constructor(environment: Environment, flags: Flags) {
    this.#environment = environment
    this.#flags = flags
  }

  has(name: SettingName): boolean {
    return this.#given(name) !== undefined
  }

  matching(name: SettingName, pattern: RegExp, wanted: string): string {
    const { text, path } = this.#value(name)
    if (!pattern.test(text)) this.#refuse(path, `expected ${wanted}, got ${shown(text)}`)
    return text
  }

  integer(name: SettingName, least: number, most: number): number {
    const { text, path } = this.#value(name)
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (value >= least && value <= most) return value
    this.#refuse(path, `expected an integer from ${least} to ${most}, got ${shown(text)}`)
    return least
  }

  oneOf<const T extends string>(name: SettingName, known: readonly [T, ...T[]]): T {
    const { text, path } = this.#value(name)
    const found = known.find((value) => value === text)
    if (found !== undefined) return found
    this.#refuse(path, `expected one of ${known.join(', ')}, got ${shown(text)}`)
    return known[0]
  }

  /** A flag of either form replaces both variables. */
  apiKeys(): readonly ApiKey[] {
    const names = ['apiKeys', 'apiKeysFile'] as const
    const flagged = names.filter((name) => this.#flags[name] !== undefined)
    const given = flagged.length > 0 ? flagged : names.filter((name) => this.has(name))
    const [first] = given
    if (first === undefined) return []
    if (given.length > 1) {
      const paths = given.map((name) => this.#value(name).path)
      this.#refuse(paths.join(' and '), 'expected one of the two, got both')
      return []
    }
    const { text, path } = this.#value(first)
    const parsed: ParsedKeys = first === 'apiKeys' ? parseApiKeys(text) : readApiKeys(text)
    for (const fault of parsed.faults) this.#refuse(path, fault)
    return Object.freeze(parsed.keys.map((key) => Object.freeze(key)))
  }

  finish(): void {
    const variables = SETTING_NAMES.map(variableOf)
    const known = new Set([...variables, ...Object.values(CLIENT_VARIABLES)])
    const unknown = Object.keys(this.#environment)
      .filter((name) => name.startsWith(PREFIX) && !known.has(name))
      .sort((a, b) => (a < b ? -1 : 1))
    for (const name of unknown) this.#refuse(name, 'is not a variable of this version')
    if (this.#issues.length === 0) return
    const lines = this.#issues.map(({ path, message }) => `${path}: ${message}`)
    if (unknown.length > 0) lines.push(`known are ${variables.join(', ')}`)
    const what = this.#issues.length === 1 ? 'one fault' : `${this.#issues.length} faults`
    throw new AppError('CONFIG_INVALID', `the configuration has ${what}: ${lines.join('; ')}`, {
      issues: this.#issues,
    })
  }

  #given(name: SettingName): string | undefined {
    return this.#flags[name] ?? this.#environment[variableOf(name)]
  }

  #value(name: SettingName): { text: string; path: string } {
    const path = this.#flags[name] === undefined ? variableOf(name) : flagOf(name)
    return { text: this.#given(name) ?? SETTINGS[name].fallback ?? '', path }
  }

  #refuse(path: string, message: string): void {
    this.#issues.push({ path, message })
  }
}
