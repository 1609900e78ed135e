import { basename } from 'node:path'
import { readImageFile } from '../../adapters/image-files.ts'
import { AppError, messageOf, shown } from '../../errors.ts'
import { readRegular } from '../../files/regular-file.ts'
import { identityOf, type TypeOptions } from './identity-options.ts'

/** What is searched by, as options name it. */
export interface SubjectOptions extends TypeOptions {
  readonly id?: readonly string[] | undefined
  readonly vector?: string | undefined
  readonly identity?: string | undefined
}

/** A subject as calls of the HTTP contract take it: a member `query`, or pictures as parts of a form. */
export interface Subject {
  /** For people. */
  readonly name: string
  readonly query: Readonly<Record<string, unknown>> | null
  readonly pictures: readonly Uint8Array<ArrayBuffer>[]
}

const MAX_VECTOR_FILE_BYTES = 64 * 1024 * 1024

/** Reads what options name. @throws INVALID_REQUEST unless it is exactly one of pictures, ids, vectors and an identity; FILE_UNREADABLE. */
export async function readSubject(
  pictures: readonly string[],
  { id = [], vector, identity, ...type }: SubjectOptions,
  maxImageBytes: number,
): Promise<Subject> {
  const given = [
    ...(pictures.length > 0 ? ['pictures'] : []),
    ...(id.length > 0 ? ['--id'] : []),
    ...(vector === undefined ? [] : ['--vector']),
    ...(identity === undefined ? [] : ['--identity']),
  ]
  if (given.length !== 1) {
    const got = given.join(' and ') || 'none'
    throw new AppError('INVALID_REQUEST', `expected pictures, --id or --vector alone, got ${got}`)
  }
  if (pictures.length > 0) {
    const read = pictures.map((path) => readImageFile(path, maxImageBytes))
    const files = (await Promise.all(read)) as Uint8Array<ArrayBuffer>[]
    return { name: pictures.map((path) => basename(path)).join(', '), query: null, pictures: files }
  }
  if (vector !== undefined) {
    const vectors = await readVectors(vector)
    const query = vectors.length === 1 ? { vector: vectors[0] } : { vectors }
    return { name: basename(vector), query, pictures: [] }
  }
  if (identity !== undefined) {
    return { name: identity, query: { identity: identityOf(identity, type) }, pictures: [] }
  }
  return { name: id.join(', '), query: id.length === 1 ? { id: id[0] } : { ids: id }, pictures: [] }
}

/**
 * Reads one subject of `verify`: a picture, or `id:ID`, `vector:FILE` or `identity:VALUE`. A picture whose name begins so is given
 * with its folder.
 */
export async function readOneSubject(text: string, type: TypeOptions, maxImageBytes: number) {
  const [, kind, value = ''] = /^(id|vector|identity):(.*)$/s.exec(text) ?? []
  const pictures = kind === undefined ? [text] : []
  const named = kind === undefined ? {} : { [kind]: kind === 'id' ? [value] : value }
  const { query, pictures: files } = await readSubject(
    pictures,
    { ...type, ...named },
    maxImageBytes,
  )
  if (query !== null) return query
  return { image: { data: Buffer.from(files[0]!).toString('base64') } }
}

/** Makes a form of a request and pictures, or JSON of a request without any. @param member where the query belongs. */
export function requestOf(
  { query, pictures }: Subject,
  request: Readonly<Record<string, unknown>>,
) {
  if (query !== null) return { json: { query, ...request } }
  const form = new FormData()
  form.set('request', JSON.stringify(request))
  for (const picture of pictures) form.append('image', new Blob([picture]), 'image')
  return { form }
}

/** @throws FILE_UNREADABLE; INVALID_VECTOR for anything but one list of numbers, or a list of such lists. */
async function readVectors(path: string): Promise<readonly (readonly number[])[]> {
  let value: unknown
  try {
    const bytes = await readRegular(path, MAX_VECTOR_FILE_BYTES, (size) => {
      const most = `expected at most ${MAX_VECTOR_FILE_BYTES} bytes`
      return new AppError('FILE_UNREADABLE', `${path}: ${most}, got ${size}`)
    })
    value = JSON.parse(new TextDecoder().decode(bytes))
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    const code = cause instanceof SyntaxError ? 'INVALID_VECTOR' : 'FILE_UNREADABLE'
    throw new AppError(code, `expected to read numbers in ${path}: ${messageOf(cause)}`, { cause })
  }
  const list = Array.isArray(value) ? value : []
  const vectors = list.every(Array.isArray) ? (list as unknown[][]) : [list]
  const numbers = vectors.every((one) => one.length > 0 && one.every((n) => typeof n === 'number'))
  if (list.length > 0 && numbers) return vectors as number[][]
  const wanted = 'a JSON list of numbers, or a list of such lists'
  throw new AppError('INVALID_VECTOR', `${path}: expected ${wanted}, got ${shown(value)}`)
}
