import type { Schemas } from './calls.ts'

/** What the service answers when a call fails, or what a failed job says of itself. */
export class LookalikeError extends Error {
  override readonly name = 'LookalikeError'
  /** Says what went wrong, for programs; docs/errors.md lists all. */
  readonly code: string
  /** The HTTP status; null for a failed job. */
  readonly status: number | null
  /** Names the request in the log of the service. */
  readonly requestId: string | null
  /** The parts of the request at fault, where they are known. */
  readonly errors: readonly { readonly path: string; readonly message: string }[]

  constructor(
    message: string,
    details: Pick<LookalikeError, 'code' | 'status'> & Partial<LookalikeError>,
  ) {
    super(message)
    this.code = details.code
    this.status = details.status
    this.requestId = details.requestId ?? null
    this.errors = details.errors ?? []
  }
}

/** Reads what a call failed with. */
export async function errorOf(response: Response): Promise<LookalikeError> {
  const { status } = response
  const text = await response.text()
  try {
    const body = JSON.parse(text) as Schemas['Problem'] & Partial<Schemas['OpenAiError']>
    if (body.error) {
      return new LookalikeError(body.error.message, { status, code: body.error.code })
    }
    const { detail, code, requestId, errors } = body
    return new LookalikeError(detail, { status, code, requestId, ...(errors && { errors }) })
  } catch {
    const message = `expected an answer of Lookalike, got status ${status}: ${text.slice(0, 200)}`
    return new LookalikeError(message, { status, code: 'UNEXPECTED_ANSWER' })
  }
}
