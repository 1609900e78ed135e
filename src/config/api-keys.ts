import { readFileSync, statSync } from 'node:fs'
import { SCOPES } from './settings.ts'

export interface ApiKey {
  readonly name: string
  readonly scope: 'read' | 'write'
  readonly secret: string
}

const MIN_SECRET_CHARACTERS = 16
const MAX_SECRET_CHARACTERS = 512
const MAX_KEYS = 1000
const MAX_FILE_BYTES = 1024 * 1024
const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/i
// What fits an HTTP header and cannot be mistaken for a separator.
const SECRET = /^[!-+\--~]+$/

/** Keys and what was wrong with them. No message holds a secret, nor text that may be one. */
export interface ParsedKeys {
  readonly keys: readonly ApiKey[]
  readonly faults: readonly string[]
}

/** Parses `name:scope:secret`, separated by commas or lines. A secret may hold colons. */
export function parseApiKeys(text: string): ParsedKeys {
  const entries = text
    .split(/[,\r\n]/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
  if (entries.length === 0) {
    return { keys: [], faults: ['expected at least one name:scope:secret, got none'] }
  }
  if (entries.length > MAX_KEYS) {
    return { keys: [], faults: [`expected at most ${MAX_KEYS} keys, got ${entries.length}`] }
  }
  const keys: ApiKey[] = []
  const faults: string[] = []
  for (const [index, entry] of entries.entries()) {
    const [name = '', scope = '', ...rest] = entry.split(':')
    const secret = rest.join(':')
    const fault = faultOf({ name, scope, secret, parts: rest.length + 2 }, keys)
    if (fault === null) keys.push({ name, scope: scope as ApiKey['scope'], secret })
    else faults.push(`key ${index + 1}: ${fault}`)
  }
  return { keys, faults }
}

function faultOf(
  entry: { name: string; scope: string; secret: string; parts: number },
  before: readonly ApiKey[],
): string | null {
  const { name, scope, secret } = entry
  if (entry.parts < 3 || !NAME.test(name)) {
    return 'expected name:scope:secret with a name of 1 to 64 letters, digits, ".", "_" and "-"'
  }
  if (!SCOPES.some((known) => known === scope)) {
    return `expected the scope of "${name}" to be read or write`
  }
  if (secret.length < MIN_SECRET_CHARACTERS || secret.length > MAX_SECRET_CHARACTERS) {
    return `expected the secret of "${name}" to have ${MIN_SECRET_CHARACTERS} to ${MAX_SECRET_CHARACTERS} characters, got ${secret.length}`
  }
  if (!SECRET.test(secret)) {
    return `expected the secret of "${name}" to be printable ASCII without spaces and commas`
  }
  if (before.some((key) => key.name === name)) return `the name "${name}" comes twice`
  const twin = before.find((key) => key.secret === secret)
  return twin === undefined ? null : `"${name}" has the same secret as "${twin.name}"`
}

/** The same, from a file of at most 1 MiB. */
export function readApiKeys(path: string): ParsedKeys {
  try {
    const { size } = statSync(path)
    if (size > MAX_FILE_BYTES) {
      const fault = `expected a file of at most ${MAX_FILE_BYTES} bytes, got ${size}: ${path}`
      return { keys: [], faults: [fault] }
    }
    return parseApiKeys(readFileSync(path, 'utf8'))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { keys: [], faults: [`expected a readable file: ${why}`] }
  }
}
