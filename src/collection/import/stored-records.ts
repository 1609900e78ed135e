import { MAX_ID_BYTES } from '../../engine/collection-spec.ts'
import type { RecordSummary } from '../../engine/record.ts'
import { formsOf } from './path-id.ts'

/** The record of an item. */
export interface StoredItem {
  /** The id under which the item is, or is to be, stored. */
  readonly id: string
  readonly record: RecordSummary | null
}

/**
 * Finds the records of items. Where there is none of an id made from a path, but one of the same name in another Unicode
 * form, as earlier versions stored them, that is the record: an id never changes, and no image gets a second one.
 * @param look gives the record of each id.
 */
export async function findRecords(
  items: readonly { readonly id: string; readonly asFound: string | null }[],
  look: (ids: readonly string[]) => Promise<readonly (RecordSummary | null)[]>,
): Promise<readonly StoredItem[]> {
  const records = await look(items.map(({ id }) => id))
  const found = items.map(({ id }, i) => ({ id, record: records[i] ?? null }))
  const others = items.flatMap(({ id, asFound }, i) => {
    const isNew = found[i]!.record === null && asFound !== null
    const forms = isNew ? formsOf(id, asFound).slice(1) : []
    // No record has a longer id, and who looks may refuse one.
    const usable = forms.filter((form) => Buffer.byteLength(form) <= MAX_ID_BYTES)
    return usable.map((form) => ({ i, form }))
  })
  if (others.length === 0) return found
  const older = await look(others.map(({ form }) => form))
  for (const [at, { i, form }] of others.entries()) {
    const record = older[at] ?? null
    if (record !== null && found[i]!.record === null) found[i] = { id: form, record }
  }
  return found
}
