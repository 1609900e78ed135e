import { useEffect, useState } from 'preact/hooks'
import { texts } from '../texts/texts.ts'

const listeners = new Set<(text: string) => void>()

/** Says something that the view which began it may not live to say. */
export function notify(text: string): void {
  for (const listener of listeners) listener(text)
}

/** Where such words are shown, until they are taken away: the last ones alone. */
export function Notices() {
  const [text, setText] = useState<string | null>(null)
  useEffect(() => {
    listeners.add(setText)
    return () => {
      listeners.delete(setText)
    }
  }, [])
  if (text === null) return null
  return (
    <p class="toast error" role="alert">
      {text}{' '}
      <button type="button" aria-label={texts.close} onClick={() => setText(null)}>
        ✕
      </button>
    </p>
  )
}
