import { piecesOf } from './answer-pieces.ts'
import type { CallOptions, Schemas } from './calls.ts'
import { LookalikeError } from './lookalike-error.ts'
import { type Transport, wait } from './transport.ts'

type Job = Schemas['Job']

/** Connections that may break in a row without an event. */
const MAX_LOST = 5
const PAUSE_MS = 500

function isFinished({ state }: Job): boolean {
  return state !== 'queued' && state !== 'running'
}

/**
 * Gives a job each time it has changed, as server-sent events bring it, until it has ended. A connection that breaks is opened
 * again, and goes on after the last event. One that cannot be opened counts as broken: a service may be starting again.
 * @throws LookalikeError.
 */
export async function* watchJob(
  transport: Transport,
  id: string,
  { signal }: CallOptions = {},
): AsyncGenerator<Job, void, undefined> {
  let lastEventId: string | undefined
  for (let lost = 0; lost < MAX_LOST; lost++) {
    const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId }
    const sent = { path: { id }, headers, signal }
    try {
      const response = await transport.send('get', '/v1/jobs/{id}/events', sent)
      for await (const event of eventsOf(response)) {
        const job = JSON.parse(event.data) as Job
        lastEventId = event.id
        lost = -1
        yield job
        if (isFinished(job)) return
      }
    } catch (error) {
      // What `fetch` says of a connection that broke, or was refused.
      if (!(error instanceof TypeError) || signal?.aborted) throw error
    }
    await wait(PAUSE_MS, signal)
  }
  const message = `the connection for the events of job ${id} broke ${MAX_LOST} times`
  throw new LookalikeError(message, { code: 'CONNECTION_LOST', status: null })
}

/** Reads the events of the service, each of them an id and one line of data. */
async function* eventsOf(response: Response): AsyncGenerator<{ id: string; data: string }> {
  for await (const event of piecesOf(response, '\n\n')) {
    const id = /^id: (.*)$/m.exec(event)?.[1]
    const data = /^data: (.*)$/m.exec(event)?.[1]
    if (id !== undefined && data !== undefined) yield { id, data }
  }
}
