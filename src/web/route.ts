import { useEffect, useState } from 'preact/hooks'

const VIEWS = ['search', 'collections', 'people', 'map', 'learning', 'jobs', 'welcome'] as const
export type ViewName = (typeof VIEWS)[number]

/** Where the page is: `#/search/things?k=10`. It is all in the fragment, so that a link brings the same view back. */
export interface Route {
  readonly view: ViewName
  readonly collection: string | null
  readonly parameters: Readonly<Record<string, string>>
  /** Counts the links that were followed: the same view with another one begins anew. */
  readonly turn: number
}

function readRoute(fragment: string, turn: number): Route {
  const [path = '', query = ''] = fragment.replace(/^#\/?/, '').split('?', 2)
  const [view, collection] = path.split('/', 2)
  return {
    view: VIEWS.find((name) => name === view) ?? 'search',
    collection: collection ? decoded(collection) : null,
    parameters: Object.fromEntries(new URLSearchParams(query)),
    turn,
  }
}

export function linkTo(
  view: ViewName,
  collection: string | null = null,
  parameters: Readonly<Record<string, string | undefined>> = {},
): string {
  const given = Object.entries(parameters).filter(
    ([, value]) => value !== undefined && value !== '',
  )
  const query = new URLSearchParams(given as [string, string][]).toString()
  const path = collection === null ? view : `${view}/${encodeURIComponent(collection)}`
  return `#/${path}${query === '' ? '' : `?${query}`}`
}

export function useRoute(): Route {
  const [route, setRoute] = useState(() => readRoute(location.hash, 0))
  useEffect(() => {
    const read = () => setRoute(({ turn }) => readRoute(location.hash, turn + 1))
    addEventListener('hashchange', read)
    return () => removeEventListener('hashchange', read)
  }, [])
  return route
}

/** Notes the view in the address without a new entry in the history. */
export function replaceRoute(link: string): void {
  history.replaceState(null, '', link)
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
