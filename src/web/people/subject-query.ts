import { base64Of } from '../api/embed.ts'
import type { Subject } from '../search/subject.ts'

/** The views of one subject, as identify and verify take them. */
export async function subjectQuery(views: readonly Subject[]): Promise<Record<string, unknown>> {
  const ids = views.flatMap((one) => (one.kind === 'record' ? [one.id] : []))
  if (ids.length > 0) return { ids }
  const files = views.flatMap((one) => (one.kind === 'file' ? [one.file] : []))
  return { images: await Promise.all(files.map(async (file) => ({ data: await base64Of(file) }))) }
}
