import { isRefusal } from '../../collection/refusals.ts'
import type { ErrorCode } from '../../errors.ts'

/** An image that was refused, as commands report it. */
export interface RefusedFile {
  readonly file: string
  readonly code: ErrorCode
  readonly detail: string
}

/** Turns an error into a refusal of `file`. @throws the error itself when it is none. */
export function refusalOf(file: string, error: unknown): RefusedFile {
  if (!isRefusal(error)) throw error
  return { file, code: error.code, detail: error.message }
}

export function refusalLine({ file, code, detail }: RefusedFile): string {
  return `refused ${file}: ${detail} (${code})`
}
