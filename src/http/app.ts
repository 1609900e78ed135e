import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import type { Scope } from './access.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The key's scope that a call needs; `open` for none. A call that says nothing needs `write`. */
    scope?: Scope | 'open'
    /** The call takes its body as a stream and bounds it itself. */
    streamed?: boolean
  }
}

/** The fastify instance that calls are registered on. */
export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>
