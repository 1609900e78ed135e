import { useEffect, useRef, useState } from 'preact/hooks'
import { currentKey } from '../api/key.ts'
import { collectionPath } from '../api/service.ts'

export interface LateDeletes {
  /** What is to be deleted. */
  readonly ids: ReadonlySet<string>
  /** The one that was chosen last; null where there is none. */
  readonly last: string | null
  readonly add: (id: string) => void
  /** Takes back the last one. */
  readonly undo: () => void
}

/** Collects what is to be deleted, and deletes it when the view or the page is left: until then each can be taken back. */
export function useLateDeletes(collection: string): LateDeletes {
  const [ids, setIds] = useState<readonly string[]>([])
  const latest = useRef(ids)
  latest.current = ids
  useEffect(() => {
    const send = () => {
      if (latest.current.length === 0) return
      const key = currentKey()
      fetch(collectionPath(collection, '/images/delete'), {
        method: 'POST',
        // The request outlives the page.
        keepalive: true,
        headers: {
          'content-type': 'application/json',
          ...(key !== null && { authorization: `Bearer ${key}` }),
        },
        body: JSON.stringify({ ids: latest.current }),
      })
      latest.current = []
    }
    addEventListener('pagehide', send)
    return () => {
      removeEventListener('pagehide', send)
      send()
    }
  }, [collection])
  return {
    ids: new Set(ids),
    last: ids.at(-1) ?? null,
    add: (id) => setIds((now) => [...now, id]),
    undo: () => setIds((now) => now.slice(0, -1)),
  }
}
