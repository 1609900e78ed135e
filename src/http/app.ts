import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import type { Scope } from './access.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The key's scope that a call needs; `open` for none. A route that says nothing needs `write`. */
    scope?: Scope | 'open'
    /** Media types of bodies taken: exact, or `image/*`. */
    media?: readonly string[]
    /** The route takes its body as a stream and bounds it itself. */
    streamed?: boolean
  }
}

/** The fastify instance that routes are registered on. */
export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>
