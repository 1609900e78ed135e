import { isMap, isScalar, LineCounter, type Pair, parseDocument, type YAMLMap } from 'yaml'
import { AppError, messageOf } from '../../errors.ts'
import { readRegular } from '../../files/regular-file.ts'
import { innerMembers, memberReader, unknownMember } from '../../learning/read-recipe.ts'
import type { TrainingRecipe } from '../../learning/recipe.ts'

const MAX_CHARACTERS = 64 * 1024
/** UTF-8 takes at most three bytes for what JavaScript counts as a character. */
const MAX_BYTES = 3 * MAX_CHARACTERS

/** Reads a recipe in YAML, of which JSON is a part. @throws TRAINING_INVALID with file and line; FILE_UNREADABLE */
export async function readRecipe(path: string): Promise<Partial<TrainingRecipe>> {
  const content = await readRegular(path, MAX_BYTES, (bytes) => {
    return new AppError(
      'TRAINING_INVALID',
      `${path}: expected at most ${MAX_BYTES} bytes, got ${bytes}`,
    )
  }).catch((cause: Error) => {
    if (cause instanceof AppError) throw cause
    throw new AppError('FILE_UNREADABLE', `expected to read ${path}: ${cause.message}`, { cause })
  })
  return parseRecipe(content.toString('utf8'), path)
}

/** Parses a recipe. @param name names the file in messages. */
export function parseRecipe(text: string, name: string): Partial<TrainingRecipe> {
  const lines = new LineCounter()
  const invalid = (at: number, why: string) =>
    new AppError('TRAINING_INVALID', `${name}, line ${lines.linePos(at).line}: ${why}`)
  const atLine = <T>(at: number, read: () => T): T => {
    try {
      return read()
    } catch (cause) {
      throw invalid(at, messageOf(cause))
    }
  }
  if (text.length > MAX_CHARACTERS) {
    const sizes = `at most ${MAX_CHARACTERS} characters, got ${text.length}`
    throw new AppError('TRAINING_INVALID', `${name}: expected ${sizes}`)
  }
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const [error] = document.errors
  if (error !== undefined) throw invalid(error.pos[0], error.message)
  if (!isMap(document.contents)) throw invalid(0, 'expected members such as "objective: margin"')
  const values = document.toJS() as Readonly<Record<string, unknown>>
  const recipe: Record<string, unknown> = {}
  for (const pair of document.contents.items) {
    const { key, at } = keyOf(pair)
    const read = atLine(at, () => memberReader(key))
    if (isMap(pair.value)) checkInner(key, pair.value, invalid)
    recipe[key] = atLine(at, () => read(values[key]))
  }
  return recipe
}

function checkInner(
  member: string,
  map: YAMLMap,
  invalid: (at: number, why: string) => AppError,
): void {
  const known = innerMembers(member, map.get('kind'))
  for (const pair of map.items) {
    const { key, at } = keyOf(pair as Pair)
    if (!known.includes(key)) throw invalid(at, unknownMember(`${member}.${key}`, known))
  }
}

function keyOf({ key }: Pair): { readonly key: string; readonly at: number } {
  if (!isScalar(key)) return { key: String(key), at: 0 }
  return { key: String(key.value), at: key.range?.[0] ?? 0 }
}
