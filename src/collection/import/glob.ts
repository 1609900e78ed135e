import { AppError, shown } from '../../errors.ts'

/** A glob that leaves files out, or takes back what one before it left out. */
export interface Glob {
  /** As it was given. */
  readonly text: string
  /** Whether it began with `!`: it takes back. */
  readonly takesBack: boolean
  /** Whether it ended with `/`: it is for folders alone. */
  readonly foldersOnly: boolean
  /** Whether it is for the whole path, rather than for a name in any folder. */
  readonly anchored: boolean
  /** One list of tokens for each part of the path; MANY stands for any number of parts. */
  readonly parts: readonly (typeof MANY | readonly Token[])[]
}

/** A character, or a symbol: MANY stands for any number of characters, ONE for one. */
type Token = string | typeof MANY | typeof ONE

/** A name, folded, by its characters. */
export type Name = readonly string[]

const MANY = Symbol('any number')
const ONE = Symbol('any one')

export const MAX_GLOB_LENGTH = 256

/**
 * Reads a glob: `*` is any text in one name, `?` one character, `**` any number of folders, a backslash takes the character
 * behind it as it is. As in a .gitignore, a glob with a slash before its end is for the path below the folder, any other
 * one for a name in any folder; a slash at the end makes it one for folders, and a `!` at the start takes back.
 * @throws INVALID_REQUEST that says what cannot be read, and how to write it.
 */
export function parseGlob(text: string): Glob {
  if (text.length > MAX_GLOB_LENGTH) {
    throw refused(text, `expected a glob of at most ${MAX_GLOB_LENGTH} characters`)
  }
  const takesBack = text.startsWith('!')
  const foldersOnly = text.endsWith('/')
  const pattern = folded(text.slice(takesBack ? 1 : 0, foldersOnly ? -1 : undefined))
  const names = pattern.replace(/^\//, '').split('/')
  if (names.some((name) => ['', '.', '..'].includes(name))) {
    throw refused(text, 'expected a glob of names, such as *.bmp or drafts/**')
  }
  const parts = names.map((name) => (name === '**' ? MANY : tokensOf(name, text)))
  return { text, takesBack, foldersOnly, anchored: pattern.includes('/'), parts }
}

/** Splits a path with `/` into its names, as `fits` takes them. */
export function partsOf(path: string): readonly Name[] {
  return folded(path)
    .split('/')
    .map((name) => [...name])
}

/** Tells whether the glob is for a path, without regard to case. */
export function fits(glob: Glob, path: readonly Name[], isFolder: boolean): boolean {
  if (glob.foldersOnly && !isFolder) return false
  const looked = glob.anchored ? path : path.slice(-1)
  return matches(glob.parts, looked, (tokens, name) =>
    matches(tokens, name, (token, character) => token === ONE || token === character),
  )
}

/** Makes one text of those that differ in case or in their Unicode form only. */
function folded(text: string): string {
  return text.normalize('NFC').toLowerCase()
}

/**
 * Tells whether a pattern takes all items, MANY any number of them. Goes back to the last MANY alone, so that no pattern
 * takes longer than its length times that of the items.
 */
function matches<Part, Item>(
  pattern: readonly (Part | typeof MANY)[],
  items: readonly Item[],
  isFor: (part: Part, item: Item) => boolean,
): boolean {
  let at = 0
  let afterMany = -1
  let resumeAt = 0
  for (let i = 0; i < items.length; ) {
    const part = pattern[at]
    if (part === MANY) {
      afterMany = ++at
      resumeAt = i
    } else if (part !== undefined && isFor(part as Part, items[i]!)) {
      at++
      i++
    } else if (afterMany !== -1) {
      at = afterMany
      i = ++resumeAt
    } else {
      return false
    }
  }
  return pattern.slice(at).every((part) => part === MANY)
}

function tokensOf(name: string, glob: string): readonly Token[] {
  const tokens: Token[] = []
  const characters = [...name]
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i]!
    if (character === '*') tokens.push(MANY)
    else if (character === '?') tokens.push(ONE)
    else if ('[]{}'.includes(character)) {
      throw refused(glob, 'expected one glob for each name, brackets with a backslash before them')
    } else if (character !== '\\') tokens.push(character)
    else if (i + 1 < characters.length) tokens.push(characters[++i]!)
    else throw refused(glob, 'expected a character behind the backslash')
  }
  return tokens
}

function refused(glob: string, wanted: string): AppError {
  return new AppError('INVALID_REQUEST', `${wanted}, got ${shown(glob)}`)
}
