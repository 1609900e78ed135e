import { ServiceError } from '../api/service.ts'
import { texts } from '../texts/texts.ts'

function isUnreachable(error: Error): boolean {
  return error instanceof ServiceError && error.status === 0
}

/** What went wrong, for a person. */
export function wordsOf(error: Error): string {
  return isUnreachable(error) ? texts.unreachable : error.message
}

/** Says in words what went wrong; nothing where nothing did. */
export function ErrorNote({ error, again }: { error: Error | null; again?: () => void }) {
  if (error === null) return null
  return (
    <p class="error" role="alert">
      {wordsOf(error)}
      {error instanceof ServiceError && !isUnreachable(error) && <code>{error.code}</code>}
      {again && (
        <button type="button" onClick={again}>
          {texts.tryAgain}
        </button>
      )}
    </p>
  )
}

export function Loading() {
  return <p role="status">{texts.loading}</p>
}
