import { ServiceError } from '../api/service.ts'
import { texts } from '../texts/texts.ts'

/** Says in words what went wrong; nothing where nothing did. */
export function ErrorNote({ error, again }: { error: Error | null; again?: () => void }) {
  if (error === null) return null
  const unreachable = error instanceof ServiceError && error.status === 0
  return (
    <p class="error" role="alert">
      {unreachable ? texts.unreachable : error.message}
      {error instanceof ServiceError && !unreachable && <code>{error.code}</code>}
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
