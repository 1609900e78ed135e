import type { Answer, Call, CallOptions, Input, MethodOf, Path, Schemas } from './calls.ts'
import { CollectionClient } from './collection-client.ts'
import { watchJob } from './job-events.ts'
import { LookalikeError } from './lookalike-error.ts'
import { type ClientOptions, Transport } from './transport.ts'

export type { CallOptions, ImageFile, Schemas } from './calls.ts'
export type { CollectionClient, RecordsOptions } from './collection-client.ts'
export type { Pair } from './join-pairs.ts'
export { LookalikeError } from './lookalike-error.ts'
export type { ClientOptions } from './transport.ts'

/**
 * Calls a Lookalike service, from Node or a page. `collection` has the calls on one collection; `call` makes any call of
 * `/openapi.json`, with its types.
 */
export class Lookalike {
  readonly #transport: Transport

  constructor(options: ClientOptions) {
    this.#transport = new Transport(options)
  }

  /** Gives the calls on a collection, which need not exist yet. */
  collection(name: string): CollectionClient {
    return new CollectionClient(this.#transport, name)
  }

  /** Lists the collections that the key sees. */
  async collections(options: CallOptions = {}): Promise<Schemas['Collection'][]> {
    return (await this.call('get', '/v1/collections', options)).collections
  }

  /** Makes any call: `call('post', '/v1/collections/{collection}/verify', { path: { collection }, body })`. @throws LookalikeError. */
  call<P extends Path, M extends MethodOf<P>>(
    method: M,
    path: P,
    input: Input<Call<P, M>>,
  ): Promise<Answer<Call<P, M>>> {
    return this.#transport.call(method, path, input)
  }

  job(id: string, options: CallOptions = {}): Promise<Schemas['Job']> {
    return this.call('get', '/v1/jobs/{id}', { path: { id }, ...options })
  }

  /** Cancels a job; resolves when it has stopped. */
  cancelJob(id: string, options: CallOptions = {}): Promise<Schemas['Job']> {
    return this.call('delete', '/v1/jobs/{id}', { path: { id }, ...options })
  }

  /** Gives a job each time it has changed, until it has ended. @throws LookalikeError. */
  watch(job: { id: string }, options: CallOptions = {}): AsyncGenerator<Schemas['Job'], void> {
    return watchJob(this.#transport, job.id, options)
  }

  /** Waits until a job has ended. @throws LookalikeError for one that failed or was cancelled. */
  async finished(job: { id: string }, options: CallOptions = {}): Promise<Schemas['Job']> {
    let last: Schemas['Job'] | undefined
    for await (const state of this.watch(job, options)) last = state
    if (last?.state === 'succeeded') return last
    const { code = 'CANCELLED', detail = `the job ${job.id} was cancelled` } = last?.error ?? {}
    throw new LookalikeError(detail, { code, status: null })
  }
}
