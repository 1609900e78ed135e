import { AppError } from '../../../errors.ts'
import { codedError } from '../../../threads/thread-error.ts'

/** How SQLite says that it could not write, or not make the index of its log, for want of room. */
const FULL: ReadonlySet<unknown> = new Set(['SQLITE_FULL', 'SQLITE_IOERR_SHMSIZE', 'ENOSPC'])

export function isDiskFull(error: unknown): boolean {
  if (error instanceof AppError) return error.code === 'DISK_FULL'
  return error instanceof Error && 'code' in error && FULL.has(error.code)
}

/** Makes an error that says what could not be done; one that is coded stays. */
export function storeError(error: unknown, doing: string): AppError {
  if (error instanceof AppError || !isDiskFull(error)) {
    return codedError(error, 'STORE_FAILED', `the store ${doing}`)
  }
  return diskFull(doing, error)
}

export function diskFull(doing: string, cause?: unknown): AppError {
  const message = `the store ${doing}: the disk of the data folder is full; delete records or collections, or make room`
  return new AppError('DISK_FULL', message, { cause })
}
