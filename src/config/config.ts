import { AppError, type InputIssue } from '../errors.ts'
import { defaultFolders } from './default-folders.ts'
import {
  CLIENT_VARIABLES,
  flagOf,
  SETTING_NAMES,
  SETTINGS,
  type SettingName,
  variableOf,
} from './settings.ts'

type Settings = typeof SETTINGS
type Values = {
  readonly [Name in SettingName]:
    | ReturnType<Settings[Name]['parse']>
    | (Settings[Name]['fallback'] extends null ? null : never)
}

/** The active configuration by the names of SETTINGS, parsed once, checked, and frozen. */
export interface Config extends Omit<Values, 'data' | 'models' | 'apiKeys' | 'apiKeysFile'> {
  readonly dataFolder: string
  readonly modelsFolder: string
  /** Where the models are that the models folder lacks; null where a folder was named, and in a checkout. */
  readonly shippedModels: string | null
  /** From the variable or the file; none without either. */
  readonly apiKeys: NonNullable<Values['apiKeys']>
  /** The file that they came from, to be read again when it changes; null where they came from elsewhere. */
  readonly apiKeysFile: string | null
}

/** Flags as given on the command line, still text. */
export type Flags = { readonly [Name in SettingName]?: string | undefined }

const KEY_SETTINGS: readonly SettingName[] = ['apiKeys', 'apiKeysFile']

/**
 * Parses the environment and the flags, which win over it.
 * @throws CONFIG_INVALID, once, with every unknown `LOOKALIKE_*` name and every bad value in
 * `issues`, whose `path` is the name of the variable or the flag.
 */
export function loadConfig(environment: NodeJS.ProcessEnv, flags: Flags = {}): Config {
  const issues: InputIssue[] = []
  // A flag of either form of the keys replaces both variables.
  const keysByFlag = KEY_SETTINGS.some((name) => flags[name] !== undefined)
  const given = (name: SettingName) => {
    const isReplaced = keysByFlag && KEY_SETTINGS.includes(name)
    return flags[name] ?? (isReplaced ? undefined : environment[variableOf(name)])
  }
  const pathOf = (name: SettingName) =>
    flags[name] === undefined ? variableOf(name) : flagOf(name)
  const hasBothKeys = KEY_SETTINGS.every((name) => given(name) !== undefined)
  if (hasBothKeys) {
    const path = KEY_SETTINGS.map(pathOf).join(' and ')
    issues.push({ path, message: 'expected one of the two, got both' })
  }
  const read = (name: SettingName) => {
    const text = given(name) ?? SETTINGS[name].fallback
    if (text === null || (hasBothKeys && KEY_SETTINGS.includes(name))) return null
    return SETTINGS[name].parse(text, (message) => issues.push({ path: pathOf(name), message }))
  }
  const values = Object.fromEntries(SETTING_NAMES.map((name) => [name, read(name)])) as Values
  const unknown = unknownVariables(environment)
  for (const path of unknown) issues.push({ path, message: 'is not a variable of this version' })
  if (issues.length > 0) throw invalid(issues, unknown.length > 0)
  const { data, models, apiKeys, apiKeysFile, ...others } = values
  const byDefault = defaultFolders(environment)
  return Object.freeze({
    ...others,
    dataFolder: data ?? byDefault.data,
    modelsFolder: models ?? byDefault.models,
    shippedModels: models === null ? byDefault.shippedModels : null,
    apiKeys: apiKeys ?? apiKeysFile ?? Object.freeze([]),
    apiKeysFile: given('apiKeysFile') ?? null,
  })
}

function unknownVariables(environment: NodeJS.ProcessEnv): readonly string[] {
  const known = new Set([...SETTING_NAMES.map(variableOf), ...Object.values(CLIENT_VARIABLES)])
  return Object.keys(environment)
    .filter((name) => name.startsWith('LOOKALIKE_') && !known.has(name))
    .sort((a, b) => (a < b ? -1 : 1))
}

function invalid(issues: readonly InputIssue[], hasUnknown: boolean): AppError {
  const lines = issues.map(({ path, message }) => `${path}: ${message}`)
  if (hasUnknown) lines.push(`known are ${SETTING_NAMES.map(variableOf).join(', ')}`)
  const what = issues.length === 1 ? 'one fault' : `${issues.length} faults`
  const message = `the configuration has ${what}: ${lines.join('; ')}`
  return new AppError('CONFIG_INVALID', message, { issues })
}
