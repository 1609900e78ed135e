import { stat } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import { messageOf } from '../errors.ts'
import { type ApiKey, readApiKeys } from './api-keys.ts'

const LOOK_EVERY_MS = 2000

interface Watcher {
  onKeys(keys: readonly ApiKey[]): void
  /** Told why a file is not taken; the keys from before stay. No message holds a secret. */
  onFaults(faults: readonly string[]): void
}

/**
 * Reads a file of keys again whenever it changes or is replaced, so that keys are rotated without a restart.
 * It is looked at, since mounted secrets and network folders tell nobody of changes.
 *
 * @param keys those that are known already.
 * @returns how to stop.
 */
export function watchApiKeys(
  path: string,
  keys: readonly ApiKey[],
  { onKeys, onFaults }: Watcher,
): () => void {
  let known = keys
  // The first look reads in any case: the file may have changed since `keys` were read.
  let seen = ''
  let timer: NodeJS.Timeout | null = null
  let stopped = false

  function lookLater(): void {
    if (stopped) return
    timer = setTimeout(() => void look().then(lookLater), LOOK_EVERY_MS)
    timer.unref()
  }

  async function look(): Promise<void> {
    const found = await stateOf(path)
    if (stopped || found === seen) return
    seen = found
    read()
  }

  function read(): void {
    const faults: string[] = []
    const found = readApiKeys(path, (fault) => faults.push(fault))
    if (faults.length > 0) onFaults(faults)
    else if (!isDeepStrictEqual(found, known)) {
      known = found
      onKeys(found)
    }
  }

  lookLater()
  return () => {
    stopped = true
    if (timer !== null) clearTimeout(timer)
  }
}

/** Gives a text that differs when the file has been written, replaced or removed. */
async function stateOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true })
    return [ino, size, mtimeNs, ctimeNs].join()
  } catch (error) {
    return messageOf(error)
  }
}
