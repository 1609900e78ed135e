import { Exclusion } from '../../collection/import/exclusion.ts'
import { AppError, messageOf } from '../../errors.ts'

export interface ArchiveLimits {
  /** The largest size of one image. */
  readonly maxImageBytes: number
  readonly maxEntries?: number
  /** By default that of DEFAULT_EXCLUDES. */
  readonly exclusion?: Exclusion
}

const MAX_ENTRIES = 500_000
/** Images do not shrink: what unpacks to more than this times the archive is no archive of images. */
const MAX_RATIO = 64
const SLACK_BYTES = 64 * 1024 * 1024

/** Counts what comes out of one archive, and knows what may. */
export class ArchiveCount {
  readonly maxImageBytes: number
  readonly exclusion: Exclusion
  readonly #maxEntries: number
  readonly #maxBytes: number
  readonly #seen = new Set<string>()
  #entries = 0
  #bytes = 0

  constructor(archiveBytes: number, limits: ArchiveLimits) {
    this.maxImageBytes = limits.maxImageBytes
    this.exclusion = limits.exclusion ?? new Exclusion()
    this.#maxEntries = limits.maxEntries ?? MAX_ENTRIES
    this.#maxBytes = archiveBytes * MAX_RATIO + SLACK_BYTES
  }

  /** @throws ARCHIVE_INVALID past the most entries. */
  addEntry(): number {
    if (this.#entries >= this.#maxEntries) {
      throw invalid(`expected an archive of at most ${this.#maxEntries} entries, got more`)
    }
    return this.#entries++
  }

  /** @throws ARCHIVE_INVALID for an archive that unpacks to far more than its size. */
  addBytes(bytes: number): void {
    this.#bytes += bytes
    if (this.#bytes > this.#maxBytes) {
      throw invalid(`expected an archive that unpacks to at most ${this.#maxBytes} bytes, got more`)
    }
  }

  /** Tells whether an id came before. */
  isTwice(id: string): boolean {
    if (this.#seen.has(id)) return true
    this.#seen.add(id)
    return false
  }
}

export function invalid(message: string, cause?: unknown): AppError {
  return new AppError('ARCHIVE_INVALID', message, { cause })
}

/** Turns what a parser threw into ARCHIVE_INVALID; what we threw stays as it is. */
export function unreadable(format: string, cause: unknown): unknown {
  if (cause instanceof AppError) return cause
  return invalid(`expected a ${format} file: ${messageOf(cause)}`, cause)
}
