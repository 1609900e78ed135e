import { createHash } from 'node:crypto'
import { readdir, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { AppError } from '../../errors.ts'
import { isMissing, replaced } from '../../files/durable-files.ts'
import type { RowMatrix } from '../../vector/row-matrix.ts'

/** States of interrupted work that are kept beside that which runs: each may take 100 MB. */
const MOST_KEPT = 8
const ENDINGS = ['.checkpoint', '.comparison.json']

/**
 * The file of what was interrupted, in a folder of its own below the data folder.
 * @param what all that decides what comes of the work, beside the features.
 */
export function stateFile(
  dataFolder: string,
  what: readonly unknown[],
  features: RowMatrix,
  ending: '.checkpoint' | '.comparison.json',
): string {
  const { buffer, byteOffset, byteLength } = features.values
  const key = createHash('sha256')
    .update(JSON.stringify(what))
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest('hex')
  return join(dataFolder, 'trainings', `${key.slice(0, 32)}${ending}`)
}

/** @throws DATA_FOLDER_UNUSABLE */
export async function writeState(file: string, parts: readonly Uint8Array[]): Promise<void> {
  try {
    await replaced(file, async (handle) => {
      await handle.writev(parts)
    })
  } catch (cause) {
    throw unusableState('write', cause)
  }
}

/**
 * Of the states beside `own` all but the newest eight are removed: what was interrupted and never
 * gone on with would else fill the disk.
 * @returns how many went.
 * @throws DATA_FOLDER_UNUSABLE
 */
export async function dropOldStates(own: string): Promise<number> {
  const folder = dirname(own)
  try {
    const names = (await readdir(folder)).filter(
      (name) => name !== basename(own) && ENDINGS.some((ending) => name.endsWith(ending)),
    )
    const dated = await Promise.all(
      names.map(async (name) => ({ name, at: (await stat(join(folder, name))).mtimeMs })),
    )
    const old = dated.sort((a, b) => b.at - a.at || (a.name < b.name ? -1 : 1)).slice(MOST_KEPT)
    for (const { name } of old) await rm(join(folder, name), { force: true })
    return old.length
  } catch (cause) {
    // No folder yet, or another training that has just ended.
    if (isMissing(cause)) return 0
    throw unusableState('drop', cause)
  }
}

/** For people; null where none went. */
export function droppedLine(count: number): string | null {
  if (count === 0) return null
  const what = count === 1 ? 'checkpoint that was' : `${count} checkpoints that were`
  return `dropped the oldest ${what} never gone on with; ${MOST_KEPT} are kept`
}

export function unusableState(what: string, cause: unknown): AppError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new AppError('DATA_FOLDER_UNUSABLE', `expected to ${what} a checkpoint: ${why}`, { cause })
}
