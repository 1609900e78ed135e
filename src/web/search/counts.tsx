import { useState } from 'preact/hooks'
import type { Collection, SearchQuery, Value } from '../api/contract.ts'
import { ask, collectionPath } from '../api/service.ts'
import { ErrorNote } from '../parts/note.tsx'
import { useAnswer } from '../parts/use-answer.ts'
import { shownCount, texts } from '../texts/texts.ts'
import { filterOf, textOf } from './filter.ts'
import type { Settings } from './settings.ts'

/** Fields whose values are counted, and values of each that are shown. */
const MOST_FIELDS = 8
const MOST_VALUES = 12
/** Milliseconds that a slider rests before the service is asked. */
const REST_MS = 250

interface CountsProps {
  readonly collection: Collection
  readonly settings: Settings
  /** Gives what is searched by; it changes with it. */
  readonly query: () => Promise<SearchQuery>
  readonly onChange: (settings: Settings) => void
}

type Facets = Readonly<Record<string, readonly { readonly value: Value; readonly count: number }[]>>

/** How many records are within the distance, and which values they have: asked for while it is open. */
export function Counts({ collection, settings, query, onChange }: CountsProps) {
  const [open, setOpen] = useState(false)
  const { name, fields, identityField } = collection
  const { radius, k, conditions } = settings
  const counted = [...new Set([identityField, ...fields].filter((one) => one !== null))]
  const { value, error } = useAnswer(
    (signal) => (open ? counts(signal) : null),
    [open, query, radius, k, conditions],
    REST_MS,
  )
  const counts = async (signal: AbortSignal) => {
    const filter = filterOf(conditions)
    const near = {
      query: await query(),
      ...(radius === null ? { k } : { radius }),
      ...(filter !== null && { filter }),
    }
    const post = <Answer,>(call: string, body: object) =>
      ask<Answer>('POST', collectionPath(name, call), { body, signal })
    const [within, facets] = await Promise.all([
      radius === null ? null : post<{ count: number }>('/count', near),
      counted.length === 0
        ? null
        : post<{ facets: Facets }>('/facets', {
            ...near,
            fields: counted.slice(0, MOST_FIELDS),
            limit: MOST_VALUES,
          }),
    ])
    return { count: within?.count ?? null, facets: facets?.facets ?? {} }
  }
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{texts.search.counts}</summary>
      <ErrorNote error={error} />
      {value && value.count !== null && (
        <p role="status">{texts.search.within(shownCount(value.count))}</p>
      )}
      {Object.entries(value?.facets ?? {}).map(([field, values]) => (
        <p key={field} class="buttons">
          {field}:
          {values.map((one) => (
            <button
              key={`${typeof one.value} ${one.value}`}
              type="button"
              onClick={() => {
                const condition = { field, operator: '$eq', value: textOf(one.value) } as const
                onChange({ ...settings, conditions: [...conditions, condition] })
              }}
            >
              {String(one.value)} ({shownCount(one.count)})
            </button>
          ))}
        </p>
      ))}
    </details>
  )
}
