import { useState } from 'preact/hooks'
import { ask, collectionPath } from '../api/service.ts'
import { Name } from '../parts/name.tsx'
import { ErrorNote } from '../parts/note.tsx'
import { Picture } from '../parts/picture.tsx'
import { shownCount, texts } from '../texts/texts.ts'

/** Fingerprints of the same picture, saved anew or scaled, differ in as many bits at most. */
const NEAR_BITS = 4

/** Pictures of a group that are shown, at once and on demand: what is not shown is not deleted. */
const SHOWN_AT_ONCE = 12
const MOST_SHOWN = 60

interface Group {
  readonly ids: readonly string[]
  /** False where the service left some out. */
  readonly complete: boolean
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
  const replace = (group: Group, by: readonly Group[]) =>
    setGroups((now) => now?.flatMap((one) => (one === group ? by : [one])) ?? null)
  const keep = async (group: Group, kept: string) => {
    const ids = group.ids.slice(0, MOST_SHOWN).filter((id) => id !== kept)
    if (!confirm(texts.people.deleteSure(shownCount(ids.length), kept))) return
    await ask('POST', collectionPath(collection, '/images/delete'), { body: { ids } })
    // What was not shown is shown now, beside the one that is kept.
    const rest = group.ids.slice(MOST_SHOWN)
    replace(group, rest.length === 0 ? [] : [{ ...group, ids: [kept, ...rest] }])
    setError(null)
  }
  return (
    <section class="part" aria-label={texts.people.duplicates}>
      <h2>{texts.people.duplicates}</h2>
      <button type="button" onClick={() => look(null).catch(setError)}>
        {texts.people.findDuplicates}
      </button>
      <ErrorNote error={error} />
      {groups?.length === 0 && <p role="status">{texts.people.noDuplicates}</p>}
      {groups !== null && groups.length > 0 && <p>{texts.people.chains}</p>}
      <ul class="cards">
        {groups?.map((group) => (
          <li key={group.ids[0]}>
            <Members
              collection={collection}
              group={group}
              onKeep={(id) => keep(group, id).catch(setError)}
            />
            <button type="button" onClick={() => replace(group, [])}>
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

interface MembersProps {
  readonly collection: string
  readonly group: Group
  readonly onKeep: (id: string) => void
}

/** The pictures of a group, the later ones on demand; says so where there are more. */
function Members({ collection, group: { ids, complete }, onKeep }: MembersProps) {
  const pictures = (some: readonly string[]) => (
    <ul class="grid small">
      {some.map((id) => (
        <li key={id}>
          <Picture collection={collection} id={id} />
          <Name id={id} />
          <button type="button" onClick={() => onKeep(id)}>
            {texts.people.keepThis}
          </button>
        </li>
      ))}
    </ul>
  )
  const later = ids.slice(SHOWN_AT_ONCE, MOST_SHOWN)
  return (
    <>
      {pictures(ids.slice(0, SHOWN_AT_ONCE))}
      {later.length > 0 && (
        <details>
          <summary>{texts.people.moreOfGroup(shownCount(later.length))}</summary>
          {pictures(later)}
        </details>
      )}
      {(ids.length > MOST_SHOWN || !complete) && (
        <p>{texts.people.groupIsLarger(shownCount(Math.min(ids.length, MOST_SHOWN)))}</p>
      )}
    </>
  )
}
