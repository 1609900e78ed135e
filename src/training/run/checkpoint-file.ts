import { createHash } from 'node:crypto'
import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { AppError, messageOf } from '../../errors.ts'
import { DamagedFile, isMissing, privatelyReplaced } from '../../files/durable-files.ts'
import type { RowMatrix } from '../../vector/row-matrix.ts'

const HASH_BYTES = 32
/** The number of checkpoints that stay beside that of the work which runs: each may take 100 MB. */
const MOST_KEPT = 8
const ENDINGS = ['.checkpoint', '.comparison.json'] as const

/** The form of the checkpoints of one kind of work. */
export interface CheckpointFormat<T> {
  readonly ending: (typeof ENDINGS)[number]
  encode(value: T): readonly Uint8Array[]
  /** @throws DamagedFile */
  decode(bytes: Buffer): T
}

/** Writes a value as its clone: the SHA-256 of the body, then the body. */
export function clonedFormat<T>(): CheckpointFormat<T> {
  const hashOf = (body: Uint8Array) => createHash('sha256').update(body).digest()
  return {
    ending: '.checkpoint',
    encode(value) {
      const body = serialize(value)
      return [hashOf(body), body]
    },
    decode(bytes) {
      const [hash, body] = [bytes.subarray(0, HASH_BYTES), bytes.subarray(HASH_BYTES)]
      if (hashOf(body).equals(hash)) return deserialize(body)
      throw new DamagedFile('its checksum does not hold')
    },
  }
}

/**
 * Holds the state of interrupted work, in a folder of its own below the data folder. What decides
 * the outcome of the work names the file, so that the same command resumes it.
 */
export class CheckpointFile<T> {
  readonly path: string
  readonly #format: CheckpointFormat<T>

  /** @param work all that decides what comes of the work, beside the features of all views. */
  constructor(
    dataFolder: string,
    work: readonly unknown[],
    features: readonly RowMatrix[],
    format: CheckpointFormat<T>,
  ) {
    const hash = createHash('sha256').update(JSON.stringify(work))
    for (const { values } of features) {
      hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    }
    const key = hash.digest('hex').slice(0, 32)
    this.path = join(dataFolder, 'trainings', `${key}${format.ending}`)
    this.#format = format
  }

  /** @returns null where there is none, `damaged` for one that is. @throws DATA_FOLDER_UNUSABLE */
  async read(): Promise<T | 'damaged' | null> {
    try {
      return this.#format.decode(await readFile(this.path))
    } catch (cause) {
      if (isMissing(cause)) return null
      if (cause instanceof DamagedFile) return 'damaged'
      throw unusable('read', cause)
    }
  }

  /** @throws DATA_FOLDER_UNUSABLE */
  async write(value: T): Promise<void> {
    try {
      await privatelyReplaced(this.path, async (handle) => {
        await handle.writev(this.#format.encode(value))
      })
    } catch (cause) {
      throw unusable('write', cause)
    }
  }

  /** Removes the file when the work is done. */
  async remove(): Promise<void> {
    await rm(this.path, { force: true })
  }

  /**
   * Removes all other checkpoints but the newest eight: work that is interrupted and never resumed
   * would otherwise fill the disk.
   * @param onNote takes a line for people, where some were removed.
   * @throws DATA_FOLDER_UNUSABLE
   */
  async dropOthers(onNote: (line: string) => void): Promise<void> {
    const folder = dirname(this.path)
    try {
      const names = (await readdir(folder)).filter(
        (name) => name !== basename(this.path) && ENDINGS.some((ending) => name.endsWith(ending)),
      )
      const dated = await Promise.all(
        names.map(async (name) => ({ name, at: (await stat(join(folder, name))).mtimeMs })),
      )
      const old = dated.sort((a, b) => b.at - a.at || (a.name < b.name ? -1 : 1)).slice(MOST_KEPT)
      for (const { name } of old) await rm(join(folder, name), { force: true })
      if (old.length === 0) return
      const what = old.length === 1 ? 'checkpoint that was' : `${old.length} checkpoints that were`
      onNote(`dropped the oldest ${what} never resumed; ${MOST_KEPT} are kept`)
    } catch (cause) {
      // No folder yet, or another training that has just ended.
      if (!isMissing(cause)) throw unusable('drop', cause)
    }
  }
}

function unusable(what: string, cause: unknown): AppError {
  const why = messageOf(cause)
  return new AppError('DATA_FOLDER_UNUSABLE', `expected to ${what} a checkpoint: ${why}`, { cause })
}
