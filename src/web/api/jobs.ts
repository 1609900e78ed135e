import type { Job } from './contract.ts'
import { call, ServiceError } from './service.ts'

/** Milliseconds before a stream that broke is taken up again: at first, and at most. */
const FIRST_WAIT_MS = 1000
const LONGEST_WAIT_MS = 15_000

export function isOver({ state }: Job): boolean {
  return state !== 'queued' && state !== 'running'
}

/**
 * The states of a job as they come, the last one being final. A stream that breaks is taken up again, until the service
 * says that it will give none.
 * @throws ServiceError of a status 4xx, but that of too many requests; the reason of the signal.
 */
export async function* watchJob(id: string, signal: AbortSignal): AsyncGenerator<Job> {
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
    try {
      const response = await call('GET', `/v1/jobs/${id}/events`, { signal })
      for await (const data of eventsOf(response.body!)) {
        const job = JSON.parse(data) as Job
        yield job
        if (isOver(job)) return
        wait = FIRST_WAIT_MS
      }
    } catch (error) {
      if (signal.aborted || isFinal(error)) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, wait))
    signal.throwIfAborted()
  }
}

function isFinal(error: unknown): boolean {
  if (!(error instanceof ServiceError)) return false
  return error.status >= 400 && error.status < 500 && error.status !== 429
}

/** The data of server-sent events; EventSource would not send a key. */
async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    text += decoder.decode(value, { stream: true })
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const lines = text.slice(0, end).split('\n')
      text = text.slice(end + 2)
      const data = lines.filter((line) => line.startsWith('data:')).map((line) => line.slice(5))
      if (data.length > 0) yield data.join('\n')
    }
  }
}
