import { useEffect, useState } from 'preact/hooks'
import { currentKey } from '../api/key.ts'
import { call, recordPath } from '../api/service.ts'
import { texts } from '../texts/texts.ts'

interface PictureProps {
  readonly collection: string
  readonly id: string
  /** A record without a kept picture shows its id. */
  readonly hasContent?: boolean
}

/** The kept picture of a record. An `img` sends no key, so where there is one the picture is fetched. */
export function Picture({ collection, id, hasContent = true }: PictureProps) {
  const path = recordPath(collection, id, '/content')
  const [source, setSource] = useState<string | null>(currentKey() === null ? path : null)
  const [missing, setMissing] = useState(!hasContent)
  useEffect(() => {
    setMissing(!hasContent)
    if (currentKey() === null || !hasContent) {
      setSource(path)
      return
    }
    const gone = new AbortController()
    let made: string | null = null
    call('GET', path, { signal: gone.signal })
      .then((response) => response.blob())
      .then((blob) => {
        if (gone.signal.aborted) return
        made = URL.createObjectURL(blob)
        setSource(made)
      })
      .catch(() => setMissing(!gone.signal.aborted))
    return () => {
      gone.abort()
      if (made !== null) URL.revokeObjectURL(made)
    }
  }, [path, hasContent])
  if (missing) {
    return (
      <span class="no-picture" title={texts.search.noPicture}>
        {id}
      </span>
    )
  }
  if (source === null) return <span class="no-picture" />
  return <img src={source} alt={id} loading="lazy" onError={() => setMissing(true)} />
}
