import { useEffect, useRef } from 'preact/hooks'
import type { Subject } from './subject.ts'

/** Gives up the addresses of pictures that leave the list, and of all when the view is left: each keeps a file in memory. */
export function useObjectUrls(subjects: readonly Subject[]): void {
  const urls = new Set(subjects.flatMap((one) => (one.kind === 'file' ? [one.url] : [])))
  const held = useRef<ReadonlySet<string>>(new Set())
  useEffect(() => {
    for (const url of held.current) {
      if (!urls.has(url)) URL.revokeObjectURL(url)
    }
    held.current = urls
  })
  useEffect(
    () => () => {
      for (const url of held.current) URL.revokeObjectURL(url)
    },
    [],
  )
}
