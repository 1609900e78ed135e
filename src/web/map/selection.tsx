import { useEffect, useRef, useState } from 'preact/hooks'
import type { Collection, StoredRecord } from '../api/contract.ts'
import { ask, recordPath } from '../api/service.ts'
import { RecordDialog } from '../collections/record-dialog.tsx'
import type { LateDeletes } from '../collections/use-late-deletes.ts'
import { Name } from '../parts/name.tsx'
import { ErrorNote } from '../parts/note.tsx'
import { Picture } from '../parts/picture.tsx'
import { linkTo } from '../route.ts'
import { shownCount, texts } from '../texts/texts.ts'

interface SelectionProps {
  readonly collection: Collection
  readonly ids: readonly string[]
  readonly deletes: LateDeletes
  readonly onNeighbours: (id: string) => void
  readonly onFocus: () => void
  readonly onClear: () => void
}

const SHOWN = 60
/** The most records of one search. */
const MOST_SEARCHED = 16

/** The records that are selected, and what can be done with them. */
export function Selection({
  collection,
  ids,
  deletes,
  onNeighbours,
  onFocus,
  onClear,
}: SelectionProps) {
  const [open, setOpen] = useState<StoredRecord | null>(null)
  const [error, setError] = useState<Error | null>(null)
  const { name, keep } = collection
  const asked = useRef<AbortController | null>(null)
  useEffect(() => () => asked.current?.abort(), [])
  const show = (id: string) => {
    setError(null)
    // Only what was asked last counts.
    asked.current?.abort()
    const now = new AbortController()
    asked.current = now
    ask<StoredRecord>('GET', recordPath(name, id), { signal: now.signal }).then(
      (found) => !now.signal.aborted && setOpen(found),
      (failed) => !now.signal.aborted && setError(failed),
    )
  }
  const remove = () => {
    if (deletes.canWait(ids)) deletes.add(ids)
    else if (confirm(texts.map.deleteSure(shownCount(ids.length)))) deletes.now(ids)
    else return
    onClear()
  }
  return (
    <section class="part" aria-label={texts.map.selection}>
      <h2>{texts.map.selection}</h2>
      <p class="buttons">
        <button type="button" onClick={onFocus}>
          {texts.map.closerToThem}
        </button>
        <a
          class="button"
          href={linkTo('search', name, { more: JSON.stringify(ids.slice(0, MOST_SEARCHED)) })}
        >
          {texts.search.only}
        </a>
        <button type="button" class="danger" onClick={remove}>
          {texts.collections.removeRecord}
        </button>
        <button type="button" onClick={onClear}>
          {texts.map.clear}
        </button>
      </p>
      {ids.length > MOST_SEARCHED && (
        <p>{texts.map.firstSearched(shownCount(MOST_SEARCHED), shownCount(ids.length))}</p>
      )}
      <ErrorNote error={error} />
      <ul class="grid small">
        {ids.slice(0, SHOWN).map((id) => (
          <li key={id}>
            <button type="button" class="picture" aria-label={id} onClick={() => show(id)}>
              <Picture collection={name} id={id} hasContent={keep !== 'none'} />
            </button>
            <Name id={id} />
            <button
              type="button"
              aria-label={`${texts.map.neighbours}: ${id}`}
              onClick={() => onNeighbours(id)}
            >
              {texts.map.neighbours}
            </button>
          </li>
        ))}
      </ul>
      {ids.length > SHOWN && <p>{texts.map.moreSelected(shownCount(ids.length - SHOWN))}</p>}
      {open && (
        <RecordDialog
          collection={name}
          record={open}
          close={() => setOpen(null)}
          onChanged={() => undefined}
          onDelete={() => {
            deletes.add([open.id])
            setOpen(null)
          }}
        />
      )}
    </section>
  )
}
