import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { currentKey } from '../api/key.ts'
import { ask, collectionPath } from '../api/service.ts'
import { wordsOf } from '../parts/note.tsx'
import { notify } from '../parts/notices.tsx'
import { shownCount, texts } from '../texts/texts.ts'

export interface LateDeletes {
  /** Whether a record is deleted, or is to be. */
  readonly has: (id: string) => boolean
  /** The same, of all of them. */
  readonly gone: ReadonlySet<string>
  /** Those that were chosen last, together; null where there are none. */
  readonly last: readonly string[] | null
  /** Whether so many can wait; more are to be deleted now. */
  readonly canWait: (ids: readonly string[]) => boolean
  readonly add: (ids: readonly string[]) => void
  /** Deletes at once, which cannot be taken back. */
  readonly now: (ids: readonly string[]) => void
  /** Takes back the last ones. */
  readonly undo: () => void
}

/** Bytes of ids that may wait: a browser that leaves a page sends 64 KiB of it at most. */
const MOST_BYTES = 48 * 1024
/** The most ids that one call takes. */
const IDS_A_CALL = 10_000

/** Collects what is to be deleted, and deletes it when the view or the page is left: until then each can be taken back. */
export function useLateDeletes(collection: string): LateDeletes {
  const [waiting, setWaiting] = useState<readonly (readonly string[])[]>([])
  const [sent, setSent] = useState<ReadonlySet<string>>(new Set())
  const latest = useRef(waiting)
  const change = (next: readonly (readonly string[])[]) => {
    latest.current = next
    setWaiting(next)
  }
  /** Sends some by `remove`; they are shown again where that fails. */
  const send = (some: readonly string[], remove: typeof removeRecords) => {
    if (some.length === 0) return
    setSent((now) => new Set([...now, ...some]))
    remove(collection, some).catch((error: Error) => {
      const failed = new Set(some)
      setSent((now) => new Set([...now].filter((id) => !failed.has(id))))
      notify(texts.collections.notDeleted(shownCount(some.length), wordsOf(error)))
    })
  }
  useEffect(() => {
    const sendAll = (remove: typeof removeRecords) => {
      const some = latest.current.flat()
      change([])
      send(some, remove)
    }
    const leave = () => sendAll(removeWhileLeaving)
    addEventListener('pagehide', leave)
    return () => {
      removeEventListener('pagehide', leave)
      sendAll(removeRecords)
    }
  }, [collection])
  const gone = useMemo(() => new Set([...sent, ...waiting.flat()]), [sent, waiting])
  return {
    has: (id) => gone.has(id),
    gone,
    last: waiting.at(-1) ?? null,
    canWait: (ids) => bytesOf(ids) <= MOST_BYTES,
    add: (ids) => {
      const older = latest.current
      if (bytesOf([...older.flat(), ...ids]) <= MOST_BYTES) {
        change([...older, ids])
        return
      }
      // The older ones can be taken back no more.
      change([ids])
      send(older.flat(), removeRecords)
    },
    now: (ids) => send(ids, removeRecords),
    undo: () => change(latest.current.slice(0, -1)),
  }
}

function bytesOf(ids: readonly string[]): number {
  return new TextEncoder().encode(JSON.stringify(ids)).byteLength
}

async function removeRecords(collection: string, ids: readonly string[]): Promise<void> {
  for (let from = 0; from < ids.length; from += IDS_A_CALL) {
    const body = { ids: ids.slice(from, from + IDS_A_CALL) }
    await ask('POST', collectionPath(collection, '/images/delete'), { body })
  }
}

/** As `removeRecords`, by a request that outlives the page. */
async function removeWhileLeaving(collection: string, ids: readonly string[]): Promise<void> {
  const key = currentKey()
  const response = await fetch(collectionPath(collection, '/images/delete'), {
    method: 'POST',
    keepalive: true,
    headers: {
      'content-type': 'application/json',
      ...(key !== null && { authorization: `Bearer ${key}` }),
    },
    body: JSON.stringify({ ids }),
  })
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`)
}
