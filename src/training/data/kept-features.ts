import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { PictureFeatures } from '../../collection/identities/erase-identity.ts'
import { isMissing } from '../../files/durable-files.ts'
import { featuresFolder } from './feature-cache.ts'
import {
  ENTRIES_AT_ONCE,
  entryBytes,
  entryOf,
  HASH_BYTES,
  HEADER_BYTES,
  headerOf,
  MAGIC,
  readUpTo,
} from './feature-entries.ts'

const NOBODY = '00'.repeat(HASH_BYTES)

/** Gives what erases the features of pictures from the caches of all trainings in a data folder. */
export function keptFeatures(dataFolder: string): PictureFeatures {
  return {
    async erase(contentHashes) {
      if (contentHashes.size === 0) return 0
      const folder = featuresFolder(dataFolder)
      const names = await readdir(folder).catch((error: unknown): string[] => {
        if (isMissing(error)) return []
        throw error
      })
      let erased = 0
      for (const name of names.filter((name) => name.endsWith('.features'))) {
        erased += await eraseEntries(join(folder, name), contentHashes)
      }
      return erased
    },
  }
}

/** Writes sound entries of no image in the place of others, since a training may be adding to the file. */
async function eraseEntries(file: string, contentHashes: ReadonlySet<string>): Promise<number> {
  await using handle = await open(file, 'r+').catch((error: unknown) => {
    if (!isMissing(error)) throw error
    return null
  })
  if (handle === null) return 0
  const header = await readUpTo(handle, HEADER_BYTES)
  if (header.length < HEADER_BYTES) return 0
  const dimensions = header.readUInt32LE(MAGIC.length)
  // One of another form is dropped by the next training.
  if (!header.equals(headerOf(dimensions))) return 0
  const step = entryBytes(dimensions)
  const nothing = entryOf(NOBODY, new Float32Array(dimensions))
  let erased = 0
  for (let at = HEADER_BYTES; ; at += ENTRIES_AT_ONCE * step) {
    const bytes = await readUpTo(handle, ENTRIES_AT_ONCE * step)
    const whole = Math.floor(bytes.length / step)
    for (let i = 0; i < whole; i++) {
      const hash = bytes.toString('hex', i * step, i * step + HASH_BYTES)
      if (!contentHashes.has(hash)) continue
      await handle.write(nothing, 0, step, at + i * step)
      erased++
    }
    if (whole < ENTRIES_AT_ONCE) break
  }
  if (erased > 0) await handle.sync()
  return erased
}
