import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import type { Collection, RecordPage, StoredRecord } from '../api/contract.ts'
import { ask, collectionPath } from '../api/service.ts'
import { Name } from '../parts/name.tsx'
import { ErrorNote, Loading } from '../parts/note.tsx'
import { Picture } from '../parts/picture.tsx'
import { texts } from '../texts/texts.ts'
import { RecordDialog } from './record-dialog.tsx'
import { UndoDelete } from './undo-delete.tsx'
import type { LateDeletes } from './use-late-deletes.ts'

const PAGE = 60

/** The records of a collection in id order; more come as the end is reached. */
export function Browse({ collection, deletes }: { collection: Collection; deletes: LateDeletes }) {
  const [records, setRecords] = useState<readonly StoredRecord[]>([])
  const [cursor, setCursor] = useState<string | null | undefined>(undefined)
  const [error, setError] = useState<Error | null>(null)
  const [open, setOpen] = useState<StoredRecord | null>(null)
  const loading = useRef(false)
  const end = useRef<HTMLDivElement>(null)
  const next = useCallback(async () => {
    if (loading.current || cursor === null) return
    loading.current = true
    try {
      const from = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`
      const path = collectionPath(collection.name, `/images?limit=${PAGE}${from}`)
      const page = await ask<RecordPage>('GET', path)
      setRecords((now) => [...now, ...page.records])
      setCursor(page.cursor)
      setError(null)
    } catch (thrown) {
      setError(thrown as Error)
    } finally {
      loading.current = false
    }
  }, [cursor, collection.name])
  useEffect(() => {
    const observer = new IntersectionObserver(([entry]) => {
      if (entry?.isIntersecting && error === null) next()
    })
    observer.observe(end.current!)
    return () => observer.disconnect()
  }, [next, error])
  return (
    <>
      <ul class="grid small">
        {records
          .filter(({ id }) => !deletes.has(id))
          .map((record) => (
            <li key={record.id}>
              <button
                type="button"
                class="picture"
                aria-label={record.id}
                onClick={() => setOpen(record)}
              >
                <Picture collection={collection.name} {...record} />
              </button>
              <Name id={record.id} />
            </li>
          ))}
      </ul>
      <div ref={end}>
        {cursor === undefined && error === null && <Loading />}
        {cursor === null &&
          (records.length === 0 ? texts.collections.empty : texts.collections.end)}
      </div>
      <ErrorNote error={error} again={next} />
      <UndoDelete deletes={deletes} />
      {open && (
        <RecordDialog
          collection={collection.name}
          record={open}
          close={() => setOpen(null)}
          onChanged={(changed) =>
            setRecords((now) => now.map((one) => (one.id === changed.id ? changed : one)))
          }
          onDelete={() => {
            deletes.add([open.id])
            setOpen(null)
          }}
        />
      )}
    </>
  )
}
