import type { SearchMatch } from '../collection/service.ts'
import type { StoredRecord } from '../engine/record.ts'

/** A record or match with its vector as plain numbers. */
export function withPlainVector<T extends StoredRecord | SearchMatch>(view: T): unknown {
  return view.vector === undefined ? view : { ...view, vector: Array.from(view.vector) }
}

export function* withPlainVectors(views: readonly (StoredRecord | SearchMatch)[]) {
  for (const view of views) yield withPlainVector(view)
}
