interface Page {
  readonly cursor: string | null
}

/**
 * Asks for page after page, until there are `limit` items or no more.
 * @param next is given how many items the page may have, and its cursor, which the first one has none of.
 * @param count counts the items of a page.
 */
export async function pagesUpTo<P extends Page>(
  { limit, ofPage }: { readonly limit: number; readonly ofPage: number },
  next: (asked: { readonly limit: number; readonly cursor?: string }) => Promise<P>,
  count: (page: P) => number,
): Promise<{ readonly pages: readonly P[]; readonly complete: boolean }> {
  const pages: P[] = []
  let items = 0
  let cursor: string | null = null
  do {
    const most = Math.min(ofPage, limit - items)
    const page: P = await next(cursor === null ? { limit: most } : { limit: most, cursor })
    pages.push(page)
    items += count(page)
    cursor = page.cursor
  } while (cursor !== null && items < limit)
  return { pages, complete: cursor === null }
}
