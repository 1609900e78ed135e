import type { Example, SearchQuery } from '../api/contract.ts'
import { base64Of, embed } from '../api/embed.ts'

/** One thing that is searched by: a picture of the user's, or a record. */
export type Subject =
  | {
      readonly kind: 'file'
      readonly key: string
      readonly name: string
      readonly file: Blob
      readonly url: string
    }
  | { readonly kind: 'record'; readonly key: string; readonly id: string }

let files = 0

export function fileSubject(file: Blob, name: string): Subject {
  return { kind: 'file', key: `file ${files++}`, name, file, url: URL.createObjectURL(file) }
}

export function recordSubject(id: string): Subject {
  return { kind: 'record', key: `record ${id}`, id }
}

/** What embedding gave for a file, so that sliders need not send it again. */
const vectors = new WeakMap<Blob, Map<string, Promise<number[]>>>()

/** The query of the contract for what is searched by, in a collection of `model`. */
export async function queryOf(
  more: readonly Subject[],
  less: readonly Subject[],
  model: string | null,
): Promise<SearchQuery> {
  const onlyFiles = more.every(({ kind }) => kind === 'file')
  if (less.length === 0 && more.length > 1 && onlyFiles) {
    const images = more.map(async (one) => ({ data: await base64Of((one as { file: Blob }).file) }))
    return { images: await Promise.all(images) }
  }
  const positive = await Promise.all(more.map((one) => exampleOf(one, model)))
  if (less.length === 0 && positive.length === 1) return positive[0]!
  return { positive, negative: await Promise.all(less.map((one) => exampleOf(one, model))) }
}

async function exampleOf(subject: Subject, model: string | null): Promise<Example> {
  if (subject.kind === 'record') return { id: subject.id }
  if (model === null) return { image: { data: await base64Of(subject.file) } }
  const made = vectors.get(subject.file) ?? new Map<string, Promise<number[]>>()
  vectors.set(subject.file, made)
  let vector = made.get(model)
  if (vector === undefined) {
    vector = base64Of(subject.file).then((data) => embed(model, data))
    made.set(model, vector)
    // A failure is shown, and may be tried again.
    vector.catch(() => made.delete(model))
  }
  return { vector: await vector }
}
