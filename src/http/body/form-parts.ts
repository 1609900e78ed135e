import type { Readable } from 'node:stream'
import { Dicer } from '@fastify/busboy'

/** Takes the bytes of one part, chunk by chunk. */
export type TakeBytes = (chunk: Uint8Array) => void

const MAX_HEADERS = 32

/**
 * Takes a multipart body apart (RFC 7578). A body without a byte is a form without parts.
 *
 * @param onPart gets the Content-Disposition of each part, one character a byte; empty where there is none.
 * @throws what `onPart` and what it gives throw; an Error for a body that is malformed, cut off, or whose sender hung up.
 */
export function readFormParts(
  body: Readable,
  boundary: string,
  onPart: (disposition: string) => TakeBytes,
): Promise<void> {
  return new Promise((resolve, reject) => {
    // Its listeners stay: the parser may fail again over what is dropped after the first failure.
    const parser = new Dicer({ boundary, maxHeaderPairs: MAX_HEADERS })
    let open = 0
    let anyBytes = false
    let finished = false
    const settle = () => {
      if (finished && open === 0) resolve()
    }
    parser.on('part', (part) => {
      let take: TakeBytes | null = null
      open++
      part.on('header', (header: object) => {
        const { 'content-disposition': [disposition = ''] = [] } = header as Record<
          string,
          string[]
        >
        attempt(() => {
          take = onPart(disposition)
        })
      })
      part.on('data', (chunk) => attempt(() => take?.(chunk as Buffer)))
      part.on('error', reject)
      part.on('end', () => {
        if (take === null) reject(new Error('a part ends within its headers'))
        open--
        settle()
      })
    })
    parser.on('finish', () => {
      finished = true
      settle()
    })
    parser.on('error', (error) => (anyBytes ? reject(error) : resolve()))
    body.once('data', () => {
      anyBytes = true
    })
    body.once('close', () => {
      if (!body.readableEnded) reject(new Error('the sender hung up'))
    })
    body.pipe(parser)

    function attempt(work: () => void): void {
      try {
        work()
      } catch (error) {
        reject(error)
      }
    }
  })
}
