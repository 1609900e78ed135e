import { ask, recordPath } from '../api/service.ts'
import type { NamedFile } from '../parts/dropped-files.ts'

/** Files that are sent at once: as many as keep a service of a few cores at work. */
const AT_ONCE = 4

export interface UploadState {
  readonly total: number
  readonly done: number
  readonly failed: readonly { readonly file: NamedFile; readonly reason: string }[]
  readonly running: boolean
}

export const NOTHING_SENT: UploadState = { total: 0, done: 0, failed: [], running: false }

/** Stores files under their paths, a few at a time; one that fails does not hold up the others. */
export async function upload(
  collection: string,
  files: readonly NamedFile[],
  signal: AbortSignal,
  tell: (state: UploadState) => void,
): Promise<void> {
  let state: UploadState = { total: files.length, done: 0, failed: [], running: true }
  let next = 0
  const worker = async () => {
    while (next < files.length && !signal.aborted) {
      const file = files[next++]!
      const reason = await send(collection, file, signal)
      state =
        reason === null
          ? { ...state, done: state.done + 1 }
          : { ...state, failed: [...state.failed, { file, reason }] }
      tell(state)
    }
  }
  tell(state)
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  // What a stop left unsent can be sent again like what failed.
  const unsent = files.slice(next).map((file) => ({ file, reason: '' }))
  tell({ ...state, failed: [...state.failed, ...unsent], running: false })
}

/** @returns why it was not stored; null when it was. */
async function send(
  collection: string,
  { name, file }: NamedFile,
  signal: AbortSignal,
): Promise<string | null> {
  const form = new FormData()
  const label = name.includes('/') ? name.slice(0, name.indexOf('/')) : null
  form.append('image', file, 'image')
  if (label !== null) form.append('metadata', JSON.stringify({ label }))
  try {
    await ask('PUT', recordPath(collection, name), { body: form, signal })
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
