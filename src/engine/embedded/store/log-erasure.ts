import type { Database } from './database.ts'

/** A log holds what was erased for about this long; then it is emptied. */
const ERASE_AFTER_MS = 1000
/** Waits this long for readers that still use the log; then it is tried again. */
const READERS_WAIT_MS = 20

/**
 * Empties the write-ahead log soon after something was erased: until then the log has what the pages held before, and by
 * itself SQLite would keep it for the next changes to write over.
 */
export class LogErasure {
  readonly #database: Database
  #timer: NodeJS.Timeout | null = null

  constructor(database: Database) {
    this.#database = database
  }

  /** To be called after each commit that deleted or replaced something. */
  due(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null
      if (!this.emptied()) this.due()
    }, ERASE_AFTER_MS)
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  /** Empties it now; returns whether that could be done. */
  emptied(): boolean {
    const patience = this.#database.pragma('busy_timeout', { simple: true })
    try {
      this.#database.pragma(`busy_timeout = ${READERS_WAIT_MS}`)
      return this.#database.pragma('wal_checkpoint(TRUNCATE)', { simple: true }) === 0
    } catch (error) {
      // A full disk: what comes first, room or a reader that ends, is awaited here.
      if (!(error instanceof Error) || error.name !== 'SqliteError') throw error
      return false
    } finally {
      this.#database.pragma(`busy_timeout = ${patience}`)
    }
  }
}
