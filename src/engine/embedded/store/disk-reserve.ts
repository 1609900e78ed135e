import { randomFillSync } from 'node:crypto'
import {
  closeSync,
  ftruncateSync,
  openSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { PRIVATE_FILE } from '../../../files/private-files.ts'
import { isDiskFull } from './disk-full.ts'

const KIBIBYTE = 1024
const MEBIBYTE = 1024 * KIBIBYTE
/** A deletion writes at most 8 MiB and one picture at a time; this is room for it and for what surrounds it. */
const MOST_BYTES = 64 * MEBIBYTE
const LEAST_BYTES = 256 * KIBIBYTE
/** Written at once: a write of a caller waits no longer. */
const STEP_BYTES = 4 * MEBIBYTE

/**
 * A file beside the database that keeps room for deletions: where the disk is full it is given up, so that the log can
 * grow. It is as large as the database, up to 64 MiB, and takes at most half of what is free.
 */
export class DiskReserve {
  readonly #database: string
  readonly #path: string

  constructor(database: string) {
    this.#database = database
    this.#path = join(dirname(database), 'reserve')
  }

  /** Whether it is there. */
  get isHeld(): boolean {
    return bytesOf(this.#path) >= LEAST_BYTES
  }

  /** Gives the room up; returns whether there was any. */
  release(): boolean {
    const wasHeld = bytesOf(this.#path) > 0
    rmSync(this.#path, { force: true })
    return wasHeld
  }

  /** Takes room, a step at a time; returns whether it is complete. Holds less where the disk has less. */
  fill(): boolean {
    const held = bytesOf(this.#path)
    const target = Math.min(MOST_BYTES, bytesOf(this.#database) + MEBIBYTE)
    const wanted = Math.min(target, Math.floor((held + freeBytes(this.#database)) / 2))
    const missing = Math.min(STEP_BYTES, wanted - held)
    // Little by little it would be written at every look.
    if (missing < LEAST_BYTES) return true
    const file = openSync(this.#path, 'a', PRIVATE_FILE)
    try {
      // Zeros take no room on a disk that compresses.
      const noise = randomFillSync(Buffer.alloc(Math.min(missing, MEBIBYTE)))
      for (let done = 0; done < missing; ) {
        done += writeSync(file, noise, 0, Math.min(noise.length, missing - done))
      }
    } catch (error) {
      if (!isDiskFull(error)) throw error
      ftruncateSync(file, held)
      return true
    } finally {
      closeSync(file)
    }
    return held + missing >= wanted
  }
}

function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(dirname(path))
  return bavail * bsize
}

function bytesOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}
