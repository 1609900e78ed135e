import type { ComponentChildren } from 'preact'
import { ErrorNote } from '../parts/note.tsx'
import type { Pages } from '../parts/use-pages.ts'

interface PagedPartProps<Item> {
  readonly pages: Pages<Item>
  readonly title: string
  /** On the button that asks for the first page, and on that for the next. */
  readonly find: string
  readonly more: string
  /** Said where there is nothing. */
  readonly none: string
  readonly card: (item: Item) => ComponentChildren
}

/** A part of a view: a list of the service that is found when it is asked for, page by page, as cards. */
export function PagedPart<Item>({ pages, title, find, more, none, card }: PagedPartProps<Item>) {
  return (
    <section class="part" aria-label={title}>
      <h2>{title}</h2>
      <button type="button" onClick={pages.begin}>
        {find}
      </button>
      <ErrorNote error={pages.error} />
      {pages.items?.length === 0 && !pages.hasMore && <p role="status">{none}</p>}
      <ul class="cards">{pages.items?.map(card)}</ul>
      {pages.hasMore && (
        <button type="button" onClick={pages.more}>
          {more}
        </button>
      )}
    </section>
  )
}
