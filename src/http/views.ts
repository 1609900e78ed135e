import type { RecordView, SearchMatch } from '../collection/service.ts'

/** A record or match with its vector as plain numbers. */
export function withPlainVector<T extends RecordView | SearchMatch>(view: T): unknown {
  return view.vector === undefined ? view : { ...view, vector: Array.from(view.vector) }
}

export function* withPlainVectors(views: readonly (RecordView | SearchMatch)[]) {
  for (const view of views) yield withPlainVector(view)
}
