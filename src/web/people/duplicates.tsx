import { useState } from 'preact/hooks'
import { ask, collectionPath } from '../api/service.ts'
import { ErrorNote } from '../parts/note.tsx'
import { Picture } from '../parts/picture.tsx'
import { texts } from '../texts/texts.ts'

/** Fingerprints of the same picture, saved anew or scaled, differ in as many bits at most. */
const NEAR_BITS = 4

interface Group {
  readonly ids: readonly string[]
}

/** Groups of records that are the same picture, with what is kept and what is deleted of each. */
export function Duplicates({ collection }: { collection: string }) {
  const [groups, setGroups] = useState<readonly Group[] | null>(null)
  const [cursor, setCursor] = useState<string | null>(null)
  const [error, setError] = useState<Error | null>(null)
  const look = async (from: string | null) => {
    const body = { by: 'fingerprint', radius: NEAR_BITS, ...(from !== null && { cursor: from }) }
    const path = collectionPath(collection, '/duplicates')
    const answer = await ask<{ groups: Group[]; cursor: string | null }>('POST', path, { body })
    setGroups((now) => [...(from === null ? [] : (now ?? [])), ...answer.groups])
    setCursor(answer.cursor)
    setError(null)
  }
  const leave = (group: Group) => setGroups((now) => now?.filter((one) => one !== group) ?? null)
  const keep = async (group: Group, kept: string) => {
    const ids = group.ids.filter((id) => id !== kept)
    await ask('POST', collectionPath(collection, '/images/delete'), { body: { ids } })
    leave(group)
  }
  return (
    <section class="part" aria-label={texts.people.duplicates}>
      <h2>{texts.people.duplicates}</h2>
      <button type="button" onClick={() => look(null).catch(setError)}>
        {texts.people.findDuplicates}
      </button>
      <ErrorNote error={error} />
      {groups?.length === 0 && <p role="status">{texts.people.noDuplicates}</p>}
      <ul class="cards">
        {groups?.map((group) => (
          <li key={group.ids[0]}>
            <ul class="grid small">
              {group.ids.slice(0, 12).map((id) => (
                <li key={id}>
                  <Picture collection={collection} id={id} />
                  <p class="name">{id}</p>
                  <button type="button" onClick={() => keep(group, id).catch(setError)}>
                    {texts.people.keepThis}
                  </button>
                </li>
              ))}
            </ul>
            <button type="button" onClick={() => leave(group)}>
              {texts.people.keepAll}
            </button>
          </li>
        ))}
      </ul>
      {cursor !== null && (
        <button type="button" onClick={() => look(cursor).catch(setError)}>
          {texts.people.moreGroups}
        </button>
      )}
    </section>
  )
}
