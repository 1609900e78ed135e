import type { Job } from './contract.ts'
import { call } from './service.ts'

export function isOver({ state }: Job): boolean {
  return state !== 'queued' && state !== 'running'
}

/** The states of a job as they come, the last one being final. A stream that breaks is taken up again. */
export async function* watchJob(id: string, signal: AbortSignal): AsyncGenerator<Job> {
  for (;;) {
    const response = await call('GET', `/v1/jobs/${id}/events`, { signal })
    for await (const data of eventsOf(response.body!)) {
      const job = JSON.parse(data) as Job
      yield job
      if (isOver(job)) return
    }
    await new Promise((resolve) => setTimeout(resolve, 1000))
    signal.throwIfAborted()
  }
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
