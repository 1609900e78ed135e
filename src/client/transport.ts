import type { Answer, Call, Input, MethodOf, Path } from './calls.ts'
import { withEncodedFiles } from './image-files.ts'
import { errorOf } from './lookalike-error.ts'

export interface ClientOptions {
  /** Where the service is: `http://127.0.0.1:8080`. */
  readonly url: string
  readonly apiKey?: string
  /** How often a call is sent again that was refused for now (429, 503), after `Retry-After`. Default: 3. */
  readonly retries?: number
  readonly fetch?: typeof fetch
}

const MAX_WAIT_SECONDS = 60

interface Sent {
  readonly path?: Readonly<Record<string, unknown>>
  readonly query?: Readonly<Record<string, unknown>>
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal | undefined
}

/** Sends calls. Whatever is not an answer of 2xx is thrown as a `LookalikeError`. */
export class Transport {
  readonly #base: string
  readonly #headers: Readonly<Record<string, string>>
  readonly #retries: number
  readonly #fetch: typeof fetch

  constructor({ url, apiKey, retries = 3, fetch = globalThis.fetch }: ClientOptions) {
    this.#base = url.replace(/\/+$/, '')
    this.#headers = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }
    this.#retries = retries
    this.#fetch = fetch
  }

  /** Makes a call by its place in the document, and reads the answer. @throws LookalikeError. */
  async call<P extends Path, M extends MethodOf<P>>(
    method: M,
    path: P,
    input: Input<Call<P, M>>,
  ): Promise<Answer<Call<P, M>>> {
    const response = await this.send(method, path, input as Sent)
    return (await contentOf(response)) as Answer<Call<P, M>>
  }

  /** Makes a call, and gives its answer to be read. @throws LookalikeError. */
  async send(method: string, path: string, input: Sent): Promise<Response> {
    const { headers, body } = await bodyOf(input.body)
    for (let sent = 0; ; sent++) {
      const response = await this.#fetch.call(undefined, addressOf(this.#base, path, input), {
        method: method.toUpperCase(),
        headers: { ...this.#headers, ...headers, ...input.headers },
        ...(body !== undefined && { body }),
        ...(input.signal && { signal: input.signal }),
      })
      if (response.ok) return response
      const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
      // 429 and 503 say that nothing was done.
      const refusedForNow = response.status === 429 || response.status === 503
      if (!refusedForNow || sent >= this.#retries || !(seconds <= MAX_WAIT_SECONDS)) {
        throw await errorOf(response)
      }
      await response.body?.cancel()
      await wait(seconds * 1000, input.signal)
    }
  }
}

function addressOf(base: string, path: string, { path: names = {}, query = {} }: Sent): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(names[name])),
  )
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    for (const one of [value].flat()) {
      if (one !== undefined && one !== null) parameters.append(name, String(one))
    }
  }
  return `${base}${filled}${parameters.size > 0 ? `?${parameters}` : ''}`
}

async function bodyOf(body: unknown): Promise<{
  headers: Record<string, string>
  body?: FormData | Blob | string
}> {
  if (body === undefined) return { headers: {} }
  if (body instanceof FormData) return { headers: {}, body }
  if (body instanceof Blob) {
    return { headers: { 'content-type': body.type || 'application/octet-stream' }, body }
  }
  const json = JSON.stringify(await withEncodedFiles(body))
  return { headers: { 'content-type': 'application/json' }, body: json }
}

async function contentOf(response: Response): Promise<unknown> {
  if (response.status === 204) return undefined
  const type = response.headers.get('content-type') ?? ''
  if (isJson(type)) return await response.json()
  return type.startsWith('image/') ? await response.blob() : await response.text()
}

/** Says whether a body of this type is one JSON value. Lines of JSON (`application/x-ndjson`) are not. */
function isJson(type: string): boolean {
  return /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(type)
}

/** Resolves after a time; rejects with the reason of the signal, if that comes first. */
export function wait(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    function stop(): void {
      clearTimeout(timer)
      reject(signal?.reason as Error)
    }
    if (signal?.aborted) stop()
    else signal?.addEventListener('abort', stop, { once: true })
  })
}
