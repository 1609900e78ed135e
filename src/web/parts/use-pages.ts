import { useState } from 'preact/hooks'

export interface Page<Item> {
  readonly items: readonly Item[]
  /** Where the next page begins; null at the end. */
  readonly cursor: string | null
}

export interface Pages<Item> {
  /** Null before the first page was asked for. */
  readonly items: readonly Item[] | null
  readonly hasMore: boolean
  readonly error: Error | null
  /** Asks for the first page, in place of what is there. */
  readonly begin: () => void
  readonly more: () => void
  /** Does something; the items that `leaves` names then leave the list. */
  readonly settle: (how: () => Promise<unknown>, leaves: (item: Item) => boolean) => void
}

/** A list of the service that a person asks for, page by page, and settles item by item. */
export function usePages<Item>(
  load: (from: { cursor?: string }) => Promise<Page<Item>>,
): Pages<Item> {
  const [items, setItems] = useState<readonly Item[] | null>(null)
  const [cursor, setCursor] = useState<string | null>(null)
  const [error, setError] = useState<Error | null>(null)
  const attempt = (work: () => Promise<void>) => {
    setError(null)
    work().catch(setError)
  }
  const add = (from: string | null) =>
    attempt(async () => {
      const page = await load(from === null ? {} : { cursor: from })
      setItems((now) => [...(from === null ? [] : (now ?? [])), ...page.items])
      setCursor(page.cursor)
    })
  return {
    items,
    hasMore: cursor !== null,
    error,
    begin: () => add(null),
    more: () => add(cursor),
    settle: (how, leaves) =>
      attempt(async () => {
        await how()
        setItems((now) => now?.filter((one) => !leaves(one)) ?? null)
      }),
  }
}
