import { piecesOf } from './answer-pieces.ts'
import type { CallOptions, Schemas } from './calls.ts'
import { LookalikeError } from './lookalike-error.ts'
import type { Transport } from './transport.ts'

/** Two records, by their ids, that are near to each other. */
export interface Pair {
  readonly a: string
  readonly b: string
  readonly distance: number
}

type Last =
  | { readonly complete: true; readonly pairs: number }
  | { readonly complete: false; readonly code: string; readonly detail: string }

/**
 * Gives the pairs of a join as they come. The service computes no further than they are taken.
 * @throws LookalikeError also where the answer ends before all pairs were given.
 */
export async function* joinPairs(
  transport: Transport,
  path: { readonly collection: string },
  request: Schemas['JoinRequest'],
  { signal }: CallOptions = {},
): AsyncGenerator<Pair, void, undefined> {
  const sent = { path, body: request, signal }
  const response = await transport.send('post', '/v1/collections/{collection}/join', sent)
  try {
    for await (const line of piecesOf(response, '\n')) {
      const item = JSON.parse(line) as Pair | Last
      if (!('complete' in item)) yield item
      else if (item.complete) return
      else throw new LookalikeError(item.detail, { code: item.code, status: null })
    }
  } catch (error) {
    // What `fetch` says of a connection that broke.
    if (!(error instanceof TypeError) || signal?.aborted) throw error
  }
  const message = `the connection for the pairs of ${path.collection} broke before the last one`
  throw new LookalikeError(message, { code: 'CONNECTION_LOST', status: null })
}
