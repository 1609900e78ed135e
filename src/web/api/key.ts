/** Where this tab keeps its key: it is gone when the tab is closed. */
const PLACE = 'lookalike-key'

/** What is asked of the person: nothing, a key, or nothing any more since they gave none. */
export type KeyState = 'enough' | 'wanted' | 'refused'

interface Waiting {
  readonly goOn: () => void
  readonly giveUp: () => void
}

let state: KeyState = 'enough'
const waiting = new Set<Waiting>()
const listeners = new Set<(state: KeyState) => void>()

function become(next: KeyState): void {
  state = next
  for (const listener of listeners) listener(next)
}

export function currentKey(): string | null {
  return sessionStorage.getItem(PLACE)
}

/** Takes a key, and lets those go on that wait for one. */
export function setKey(key: string): void {
  sessionStorage.setItem(PLACE, key)
  for (const { goOn } of [...waiting]) goOn()
  become('enough')
}

/** Gives no key: those that wait for one fail, and so do later ones, until `askForKey`. */
export function refuseKey(): void {
  for (const { giveUp } of [...waiting]) giveUp()
  become('refused')
}

export function askForKey(): void {
  become('wanted')
}

/** Forgets the key that was refused, unless there is another by now. */
export function forgetKey(refused: string | null): void {
  if (currentKey() === refused) sessionStorage.removeItem(PLACE)
}

/**
 * Resolves when there is a key that was not refused by the service.
 * @param missing what failed, where the person gives none.
 * @throws `missing`, or the reason of the signal.
 */
export async function waitForKey(missing: Error, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted()
  if (currentKey() !== null) return
  if (state === 'refused') throw missing
  become('wanted')
  await new Promise<void>((resolve, reject) => {
    const end = () => {
      waiting.delete(one)
      signal?.removeEventListener('abort', abort)
    }
    const one: Waiting = {
      goOn() {
        end()
        resolve()
      },
      giveUp() {
        end()
        reject(missing)
      },
    }
    const abort = () => {
      end()
      reject(signal?.reason)
    }
    waiting.add(one)
    signal?.addEventListener('abort', abort)
  })
}

/** Tells a listener what is asked of the person, now and later. @returns what ends it. */
export function onKeyState(listener: (state: KeyState) => void): () => void {
  listeners.add(listener)
  listener(state)
  return () => {
    listeners.delete(listener)
  }
}
