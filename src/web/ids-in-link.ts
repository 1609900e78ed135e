/** Gives ids as a parameter of a link; undefined, which leaves it out, for none. */
export function linkOfIds(ids: readonly string[] | undefined): string | undefined {
  return ids === undefined || ids.length === 0 ? undefined : JSON.stringify(ids)
}

/** Reads what `linkOfIds` gave; a link that somebody has changed may have anything, and then has none. */
export function idsOfLink(text: string | undefined): readonly string[] {
  try {
    const ids: unknown = JSON.parse(text ?? '[]')
    return Array.isArray(ids) ? ids.map(String) : []
  } catch {
    return []
  }
}
