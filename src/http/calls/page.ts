import type { FastifyReply, FastifyRequest } from 'fastify'
import { PAGE_POLICY } from '../admission/security-headers.ts'
import type { App } from '../call.ts'
import { routeNotFound } from '../error-answers.ts'
import { createPageFiles } from '../page-files.ts'

// Compiled, the page lies beside the compiled calls.
const FOLDER = new URL('../../web/', import.meta.url)

/** Sends the page to a browser; false where the caller wants no page, or where none was built. */
export type SendPage = (request: FastifyRequest, reply: FastifyReply) => boolean

/** Registers the files of the page, which the page itself names. */
export function registerPage(app: App): SendPage {
  const files = createPageFiles(FOLDER)
  function send(name: string, caching: string, request: FastifyRequest, reply: FastifyReply) {
    const file = files(name)
    if (file === null) return false
    const packed = /\bbr\b/.test(request.headers['accept-encoding'] ?? '')
    reply.headers({
      'cache-control': caching,
      vary: 'accept, accept-encoding',
      'content-security-policy': PAGE_POLICY,
      ...(packed && { 'content-encoding': 'br' }),
    })
    reply.type(file.mediaType).send(packed ? file.brotli : file.bytes)
    return true
  }
  app.get<{ Params: { name: string } }>(
    '/page/:name',
    { config: { scope: 'open' }, schema: { hide: true } },
    (request, reply) => {
      // The name has a hash of the content.
      const forever = 'public, max-age=31536000, immutable'
      if (!send(request.params.name, forever, request, reply)) throw routeNotFound(request)
    },
  )
  return (request, reply) =>
    /\btext\/html\b/.test(request.headers.accept ?? '') &&
    send('page.html', 'no-cache', request, reply)
}
