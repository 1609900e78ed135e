/** Where this tab keeps its key: it is gone when the tab is closed. */
const PLACE = 'lookalike-key'

const waiting = new Set<() => void>()
const listeners = new Set<(wanted: boolean) => void>()

export function currentKey(): string | null {
  return sessionStorage.getItem(PLACE)
}

/** Takes a key, and lets those go on that wait for one. */
export function setKey(key: string): void {
  sessionStorage.setItem(PLACE, key)
  for (const goOn of [...waiting]) goOn()
  for (const listener of listeners) listener(false)
}

/** Forgets the key that was refused, unless there is another by now. */
export function forgetKey(refused: string | null): void {
  if (currentKey() === refused) sessionStorage.removeItem(PLACE)
}

/** Resolves when there is a key that was not refused. @throws the reason of the signal. */
export function waitForKey(signal?: AbortSignal): Promise<void> {
  if (currentKey() !== null) return Promise.resolve()
  for (const listener of listeners) listener(true)
  return new Promise((resolve, reject) => {
    function end(): void {
      waiting.delete(goOn)
      signal?.removeEventListener('abort', giveUp)
    }
    function goOn(): void {
      end()
      resolve()
    }
    function giveUp(): void {
      end()
      reject(signal?.reason)
    }
    waiting.add(goOn)
    signal?.addEventListener('abort', giveUp)
  })
}

/** Tells a listener when a key is wanted, and when there is one. @returns what ends it. */
export function onKeyWanted(listener: (wanted: boolean) => void): () => void {
  listeners.add(listener)
  if (waiting.size > 0) listener(true)
  return () => listeners.delete(listener)
}
