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

/** What embedding gave for a file by the model that was asked last, so that sliders need not send it again. */
const vectors = new WeakMap<Blob, { model: string; vector: Promise<number[]> }>()

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
  const { file } = subject
  const known = vectors.get(file)
  if (known?.model === model) return { vector: await known.vector }
  const made = { model, vector: base64Of(file).then((data) => embed(model, data)) }
  vectors.set(file, made)
  // A failure is shown, and may be tried again.
  made.vector.catch(() => {
    if (vectors.get(file) === made) vectors.delete(file)
  })
  return { vector: await made.vector }
}
