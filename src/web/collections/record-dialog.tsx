import { useState } from 'preact/hooks'
import type { StoredRecord } from '../api/contract.ts'
import { ask, recordPath } from '../api/service.ts'
import { Dialog } from '../parts/dialog.tsx'
import { ErrorNote } from '../parts/note.tsx'
import { Picture } from '../parts/picture.tsx'
import { linkTo } from '../route.ts'
import { texts } from '../texts/texts.ts'
import { isObject, metadataPatch } from './metadata-patch.ts'

interface RecordDialogProps {
  readonly collection: string
  readonly record: StoredRecord
  readonly close: () => void
  readonly onChanged: (record: StoredRecord) => void
  readonly onDelete: () => void
}

/** One record: its picture, its metadata to edit, and a way to delete it. */
export function RecordDialog({
  collection,
  record,
  close,
  onChanged,
  onDelete,
}: RecordDialogProps) {
  const [text, setText] = useState(() => JSON.stringify(record.metadata, null, 2))
  const [error, setError] = useState<Error | null>(null)
  const save = async () => {
    const metadata: unknown = JSON.parse(text)
    if (!isObject(metadata)) throw new Error(texts.collections.metadataObject)
    const patch = metadataPatch(record.metadata, metadata)
    if (patch !== null) {
      const body = { metadata: patch }
      onChanged(await ask<StoredRecord>('PATCH', recordPath(collection, record.id), { body }))
    }
    close()
  }
  return (
    <Dialog title={record.id} close={close}>
      <div class="record">
        <Picture collection={collection} id={record.id} hasContent={record.hasContent} />
        <form
          onSubmit={(event) => {
            event.preventDefault()
            save().catch(setError)
          }}
        >
          <label>
            {texts.collections.metadata}
            <textarea
              rows={10}
              spellcheck={false}
              value={text}
              onInput={(event) => setText(event.currentTarget.value)}
            />
          </label>
          <ErrorNote error={error} />
          <p class="buttons">
            <button type="submit">{texts.collections.save}</button>
            <a
              class="button"
              href={linkTo('search', collection, { more: JSON.stringify([record.id]) })}
            >
              {texts.search.only}
            </a>
            <button type="button" class="danger" onClick={onDelete}>
              {texts.collections.removeRecord}
            </button>
          </p>
        </form>
      </div>
    </Dialog>
  )
}
