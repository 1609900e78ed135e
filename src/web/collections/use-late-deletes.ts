import { useEffect, useRef, useState } from 'preact/hooks'
import { currentKey } from '../api/key.ts'
import { ask, collectionPath } from '../api/service.ts'
import { wordsOf } from '../parts/note.tsx'
import { notify } from '../parts/notices.tsx'
import { shownCount, texts } from '../texts/texts.ts'

export interface LateDeletes {
  /** Whether a record is deleted, or is to be. */
  readonly has: (id: string) => boolean
  /** The one that was chosen last; null where there is none. */
  readonly last: string | null
  readonly add: (id: string) => void
  /** Takes back the last one. */
  readonly undo: () => void
}

/** Bytes of ids that may wait: a browser that leaves a page sends 64 KiB of it at most. */
const MOST_BYTES = 48 * 1024

/** Collects what is to be deleted, and deletes it when the view or the page is left: until then each can be taken back. */
export function useLateDeletes(collection: string): LateDeletes {
  const [ids, setIds] = useState<readonly string[]>([])
  const [sent, setSent] = useState<ReadonlySet<string>>(new Set())
  const latest = useRef(ids)
  const change = (next: readonly string[]) => {
    latest.current = next
    setIds(next)
  }
  /** Sends some by `remove`; they are shown again where that fails. */
  const send = (some: readonly string[], remove: typeof removeRecords) => {
    if (some.length === 0) return
    setSent((now) => new Set([...now, ...some]))
    remove(collection, some).catch((error: Error) => {
      setSent((now) => new Set([...now].filter((id) => !some.includes(id))))
      notify(texts.collections.notDeleted(shownCount(some.length), wordsOf(error)))
    })
  }
  useEffect(() => {
    const sendAll = (remove: typeof removeRecords) => {
      const some = latest.current
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
  const all = new Set([...sent, ...ids])
  return {
    has: (id) => all.has(id),
    last: ids.at(-1) ?? null,
    add: (id) => {
      const next = [...latest.current, id]
      if (bytesOf(next) <= MOST_BYTES) {
        change(next)
        return
      }
      // The older ones can be taken back no more.
      change([id])
      send(next.slice(0, -1), removeRecords)
    },
    undo: () => change(latest.current.slice(0, -1)),
  }
}

function bytesOf(ids: readonly string[]): number {
  return new TextEncoder().encode(JSON.stringify(ids)).byteLength
}

async function removeRecords(collection: string, ids: readonly string[]): Promise<void> {
  await ask('POST', collectionPath(collection, '/images/delete'), { body: { ids } })
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
