import { useEffect } from 'preact/hooks'
import type { Collection, RecordPage, Value } from '../api/contract.ts'
import { ask, collectionPath } from '../api/service.ts'
import { ErrorNote } from '../parts/note.tsx'
import { Picture } from '../parts/picture.tsx'
import { useAnswer } from '../parts/use-answer.ts'
import { usePages } from '../parts/use-pages.ts'
import { shownCount, texts } from '../texts/texts.ts'

const PAGE = 24

interface Identity {
  readonly identity: Value
  readonly records: number
}

/** Who and what is stored, each with a picture; `changed` changes when identities do. */
export function Identities({ collection, changed }: { collection: Collection; changed: number }) {
  const pages = usePages(async ({ cursor }) => {
    const from = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const path = collectionPath(collection.name, `/identities?limit=${PAGE}${from}`)
    const answer = await ask<{ identities: Identity[]; cursor: string | null }>('GET', path)
    return { items: answer.identities, cursor: answer.cursor }
  })
  useEffect(pages.begin, [changed])
  return (
    <section class="part" aria-label={texts.people.identities}>
      <h2>{texts.people.identities}</h2>
      <ErrorNote error={pages.error} again={pages.begin} />
      {pages.items?.length === 0 && <p>{texts.people.noneNamed}</p>}
      <ul class="grid small">
        {pages.items?.map(({ identity, records }) => (
          <li key={`${typeof identity} ${identity}`}>
            <Portrait collection={collection} identity={identity} />
            <p class="name">{String(identity)}</p>
            <p>{texts.collection.count(shownCount(records))}</p>
          </li>
        ))}
      </ul>
      {pages.hasMore && (
        <button type="button" onClick={pages.more}>
          {texts.people.moreIdentities}
        </button>
      )}
    </section>
  )
}

/** The first picture of an identity. */
function Portrait({ collection, identity }: { collection: Collection; identity: Value }) {
  const { name, identityField } = collection
  const { value } = useAnswer(
    (signal) => {
      const filter = encodeURIComponent(JSON.stringify({ [identityField!]: { $eq: identity } }))
      const path = collectionPath(name, `/images?limit=1&filter=${filter}`)
      return ask<RecordPage>('GET', path, { signal })
    },
    [name, identity],
  )
  const first = value?.records[0]
  if (first === undefined) return <span class="no-picture" />
  return <Picture collection={name} id={first.id} hasContent={first.hasContent} />
}
