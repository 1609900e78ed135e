import type { Problem } from './contract.ts'
import { currentKey, forgetKey, waitForKey } from './key.ts'

/** What the service answered instead of what was asked for. */
export class ServiceError extends Error {
  readonly code: string
  readonly status: number

  constructor({ code, status, detail }: Pick<Problem, 'code' | 'status' | 'detail'>) {
    super(detail)
    this.name = 'ServiceError'
    this.code = code
    this.status = status
  }
}

interface Ask {
  /** JSON, or a form or file that is sent as it is. */
  readonly body?: unknown
  readonly signal?: AbortSignal | undefined
}

/** Calls the service and gives its JSON. Where a key is wanted, waits until there is one. @throws ServiceError. */
export async function ask<Answer>(
  method: string,
  path: string,
  options: Ask = {},
): Promise<Answer> {
  const response = await call(method, path, options)
  return (await response.json()) as Answer
}

/** As `ask`, for answers that are no JSON. */
export async function call(
  method: string,
  path: string,
  { body, signal }: Ask = {},
): Promise<Response> {
  for (;;) {
    const key = currentKey()
    const headers: Record<string, string> = {}
    if (key !== null) headers.authorization = `Bearer ${key}`
    const asItIs = body instanceof FormData || body instanceof Blob
    if (body !== undefined && !asItIs) headers['content-type'] = 'application/json'
    const response = await fetch(path, {
      method,
      headers,
      ...(body !== undefined && { body: asItIs ? body : JSON.stringify(body) }),
      ...(signal !== undefined && { signal }),
    }).catch((error) => {
      if (signal?.aborted) throw error
      throw new ServiceError({ code: 'UNREACHABLE', status: 0, detail: String(error.message) })
    })
    if (response.ok) return response
    if (response.status === 401) {
      const refused = await errorOf(response)
      forgetKey(key)
      await waitForKey(refused, signal)
      continue
    }
    throw await errorOf(response)
  }
}

async function errorOf(response: Response): Promise<ServiceError> {
  const text = await response.text()
  try {
    return new ServiceError(JSON.parse(text) as Problem)
  } catch {
    // A proxy answers in its own words.
    return new ServiceError({ code: 'UNREADABLE', status: response.status, detail: text })
  }
}

export function collectionPath(name: string, rest = ''): string {
  return `/v1/collections/${encodeURIComponent(name)}${rest}`
}

export function recordPath(collection: string, id: string, rest = ''): string {
  return collectionPath(collection, `/images/${encodeURIComponent(id)}${rest}`)
}
