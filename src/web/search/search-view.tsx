import { useCallback, useEffect, useMemo, useState } from 'preact/hooks'
import type { Collection, SearchAnswer, SearchRequest } from '../api/contract.ts'
import { ask, collectionPath } from '../api/service.ts'
import { idsOfLink, linkOfIds } from '../ids-in-link.ts'
import { CollectionChoice, useCollections } from '../parts/collection-choice.tsx'
import { ErrorNote, Loading } from '../parts/note.tsx'
import { useAnswer } from '../parts/use-answer.ts'
import { useFocusCount } from '../parts/use-focus-count.ts'
import { linkTo, type Route, replaceRoute } from '../route.ts'
import { texts } from '../texts/texts.ts'
import { Controls } from './controls.tsx'
import { Counts } from './counts.tsx'
import { filterOf, readConditions } from './filter.ts'
import { HowAnswered } from './how-answered.tsx'
import { QueryBox } from './query-box.tsx'
import { Results } from './results.tsx'
import type { Settings } from './settings.ts'
import { queryOf, recordSubject, type Subject } from './subject.ts'

/** Milliseconds that a slider rests before the service is asked. */
const REST_MS = 120
/** Matches that a link to the map points out. */
const MOST_ON_MAP = 100

export function SearchView({ route }: { route: Route }) {
  const collections = useCollections(useFocusCount())
  const chosen = collections.value?.find(({ name }) => name === route.collection)
  return (
    <>
      <h1>{texts.search.title}</h1>
      <ErrorNote error={collections.error} />
      {collections.value === null ? (
        collections.loading && <Loading />
      ) : (
        <CollectionChoice collections={collections.value} chosen={route.collection} view="search" />
      )}
      {chosen?.count === 0 && (
        <p>
          {texts.collection.empty}{' '}
          <a href={linkTo('collections', chosen.name)}>{texts.collection.fill}</a>
        </p>
      )}
      {chosen && <Search key={`${route.turn} ${chosen.name}`} collection={chosen} route={route} />}
    </>
  )
}

function Search({ collection, route: { parameters } }: { collection: Collection; route: Route }) {
  const [more, setMore] = useState(() => subjectsOf(parameters.more))
  const [less, setLess] = useState(() => subjectsOf(parameters.less))
  const [settings, setSettings] = useState<Settings>(() => ({
    k: Number(parameters.k ?? 24),
    radius: parameters.radius === undefined ? null : Number(parameters.radius),
    group: parameters.group !== undefined && collection.identityField !== null,
    diversity: Number(parameters.diversity ?? 0),
    conditions: readConditions(parameters.filter),
  }))
  // On a phone they would stand between the query and its results.
  const [isOpen, setOpen] = useState(() => matchMedia('(min-width: 40rem)').matches)
  const [isFirst] = useState(parameters.first !== undefined)
  const { identityField, model } = collection
  const rest = useMemo(() => requestOf(settings, identityField), [settings, identityField])
  const query = useCallback(() => queryOf(more, less, model), [more, less, model])
  const { value, error, loading } = useAnswer<Found>(
    (signal) => (more.length === 0 ? null : search(more, less, rest, collection, signal)),
    // A collection may have moved to another model meanwhile.
    [more, less, rest, model],
    REST_MS,
  )
  useEffect(() => {
    replaceRoute(linkTo('search', collection.name, parametersOf(more, less, settings)))
  }, [more, less, settings])
  return (
    <>
      <QueryBox
        collection={collection.name}
        more={more}
        less={less}
        onMore={setMore}
        onLess={setLess}
      />
      <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>{texts.search.settings}</summary>
        <Controls collection={collection} settings={settings} onChange={setSettings} />
      </details>
      {more.length > 0 && (
        <Counts collection={collection} settings={settings} query={query} onChange={setSettings} />
      )}
      <ErrorNote error={error} />
      <HowAnswered
        answer={value?.answer ?? null}
        loading={loading && more.length > 0}
        collection={collection.name}
        request={async () => ({ query: await queryOf(more, less, null), ...rest })}
      />
      {isFirst && value && <p class="tip">{texts.welcome.tip}</p>}
      {value && (
        <a
          class="button"
          href={linkTo('map', collection.name, {
            of: recordsOf(value.by),
            near: linkOfIds(value.answer.matches.slice(0, MOST_ON_MAP).map(({ id }) => id)),
          })}
        >
          {texts.map.show}
        </a>
      )}
      {value && (
        <Results
          collection={collection}
          answer={value.answer}
          onOnly={(id) => {
            setMore([recordSubject(id)])
            setLess([])
          }}
          onMore={(id) => setMore((now) => withOne(now, id))}
          onLess={(id) => setLess((now) => withOne(now, id))}
          first={value.by[0]!}
        />
      )}
    </>
  )
}

/** An answer, and what was searched by, which may be other things by now. */
interface Found {
  readonly by: readonly Subject[]
  readonly answer: SearchAnswer
}

async function search(
  more: readonly Subject[],
  less: readonly Subject[],
  rest: Omit<SearchRequest, 'query'>,
  { name, model }: Collection,
  signal: AbortSignal,
): Promise<Found> {
  const body = { query: await queryOf(more, less, model), ...rest }
  signal.throwIfAborted()
  const path = collectionPath(name, '/search')
  return { by: more, answer: await ask<SearchAnswer>('POST', path, { body, signal }) }
}

function requestOf(
  { k, radius, group, diversity, conditions }: Settings,
  identityField: string | null,
): Omit<SearchRequest, 'query'> {
  const filter = filterOf(conditions)
  return {
    k,
    include: ['metadata', 'explain'],
    ...(diversity > 0 && { diversity }),
    ...(radius !== null && { radius }),
    ...(filter !== null && { filter }),
    ...(group && diversity === 0 && identityField !== null && { groupBy: identityField }),
  }
}

function parametersOf(
  more: readonly Subject[],
  less: readonly Subject[],
  { k, radius, group, diversity, conditions }: Settings,
): Record<string, string | undefined> {
  return {
    more: recordsOf(more),
    less: recordsOf(less),
    k: String(k),
    radius: radius === null ? undefined : String(radius),
    group: group ? 'yes' : undefined,
    diversity: diversity === 0 ? undefined : String(diversity),
    filter: conditions.length === 0 ? undefined : JSON.stringify(conditions),
  }
}

/** The records of a link; files of the user's are in none. */
function recordsOf(subjects: readonly Subject[]): string | undefined {
  return linkOfIds(subjects.flatMap((one) => (one.kind === 'record' ? [one.id] : [])))
}

function subjectsOf(text: string | undefined): readonly Subject[] {
  return idsOfLink(text).map(recordSubject)
}

function withOne(subjects: readonly Subject[], id: string): readonly Subject[] {
  const one = recordSubject(id)
  return subjects.some(({ key }) => key === one.key) ? subjects : [...subjects, one]
}
