import { useEffect, useState } from 'preact/hooks'

/** What an effect that asks the service has come to. An older answer stays until the newer one is there. */
export interface Answer<Value> {
  readonly value: Value | null
  readonly error: Error | null
  readonly loading: boolean
}

/** Asks whenever `by` changes, and gives up what was asked before. `ask` gives null where there is nothing to ask. */
export function useAnswer<Value>(
  ask: (signal: AbortSignal) => Promise<Value> | null,
  by: readonly unknown[],
  waitMs = 0,
): Answer<Value> {
  const [answer, setAnswer] = useState<Answer<Value>>({ value: null, error: null, loading: true })
  useEffect(() => {
    const gone = new AbortController()
    const later = setTimeout(() => {
      const asked = ask(gone.signal)
      if (asked === null) {
        setAnswer({ value: null, error: null, loading: false })
        return
      }
      setAnswer(({ value, error }) => ({ value, error, loading: true }))
      asked.then(
        (value) => {
          if (!gone.signal.aborted) setAnswer({ value, error: null, loading: false })
        },
        (error: Error) => {
          if (!gone.signal.aborted) setAnswer(({ value }) => ({ value, error, loading: false }))
        },
      )
    }, waitMs)
    return () => {
      clearTimeout(later)
      gone.abort()
    }
  }, by)
  return answer
}
