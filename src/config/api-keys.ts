import { readFileSync, statSync } from 'node:fs'
import { messageOf } from '../errors.ts'

export const SCOPES = ['read', 'write'] as const

export interface ApiKey {
  readonly name: string
  readonly scope: (typeof SCOPES)[number]
  readonly secret: string
  /** The only collections that a key with scope read sees; null for all. */
  readonly collections: readonly string[] | null
}

/** Notes what is wrong with a value. No message holds a secret, nor text that may be one. */
export type Refuse = (fault: string) => void

const MIN_SECRET_CHARACTERS = 16
const MAX_SECRET_CHARACTERS = 512
const MAX_KEYS = 1000
const MAX_FILE_BYTES = 1024 * 1024
const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/i
const COLLECTION = /^[a-z0-9][a-z0-9._-]{0,127}$/i
// What fits an HTTP header and cannot be mistaken for a separator.
const SECRET = /^[!-+\--~]+$/

/**
 * Parses `name:scope:secret`, separated by commas or lines. A secret may hold colons. The scope is `read`, `write`, or
 * `read@cats+dogs` for a key that sees these collections alone.
 */
export function parseApiKeys(text: string, refuse: Refuse): readonly ApiKey[] {
  const entries = text
    .split(/[,\r\n]/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
  if (entries.length === 0) refuse('expected at least one name:scope:secret, got none')
  if (entries.length > MAX_KEYS) {
    refuse(`expected at most ${MAX_KEYS} keys, got ${entries.length}`)
    return []
  }
  const keys: ApiKey[] = []
  for (const [index, entry] of entries.entries()) {
    const [name = '', access = '', ...rest] = entry.split(':')
    const [scope = '', names] = access.split(/@(.*)/s, 2)
    const collections = names === undefined ? null : Object.freeze(names.split('+'))
    const key = { name, scope, secret: rest.join(':'), collections }
    const fault = faultOf(key, rest.length > 0, keys)
    if (fault === null) keys.push(Object.freeze(key as ApiKey))
    else refuse(`key ${index + 1}: ${fault}`)
  }
  return Object.freeze(keys)
}

/** Parses a file of at most 1 MiB in the same way. */
export function readApiKeys(path: string, refuse: Refuse): readonly ApiKey[] {
  try {
    const { size } = statSync(path)
    if (size <= MAX_FILE_BYTES) return parseApiKeys(readFileSync(path, 'utf8'), refuse)
    refuse(`expected a file of at most ${MAX_FILE_BYTES} bytes, got ${size}: ${path}`)
  } catch (error) {
    refuse(`expected a readable file: ${messageOf(error)}`)
  }
  return []
}

function faultOf(
  { name, scope, secret, collections }: Omit<ApiKey, 'scope'> & { readonly scope: string },
  hasSecret: boolean,
  before: readonly ApiKey[],
): string | null {
  if (!hasSecret || !NAME.test(name)) {
    return 'expected name:scope:secret with a name of 1 to 64 letters, digits, ".", "_" and "-"'
  }
  if (!SCOPES.some((known) => known === scope)) {
    return `expected the scope of "${name}" to be read, write or read@COLLECTION+COLLECTION`
  }
  if (collections !== null && scope !== 'read') {
    return `expected "${name}" to have the scope read beside names of collections, as a write key sees all`
  }
  if (collections?.every((collection) => COLLECTION.test(collection)) === false) {
    return `expected the scope of "${name}" to name collections of 1 to 128 letters, digits, ".", "_" and "-", joined by +`
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
