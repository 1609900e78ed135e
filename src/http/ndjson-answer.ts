import { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { FastifyReply } from 'fastify'
import { AppError } from '../errors.ts'
import type { LongWork } from './long-work.ts'

export const NDJSON = 'application/x-ndjson'

/**
 * Answers with a line of JSON for each item of long work, and a last line that says whether all were given: `complete`, how
 * many under `countName`, and where the work ended early the `code` and `detail` of the error. The work goes on as the lines are
 * taken; where it is to stop, it lets go of what it holds whether or not they are. What it throws before its first items is the
 * answer instead.
 */
export async function sendLines<Item>(
  reply: FastifyReply,
  longWork: LongWork,
  countName: string,
  work: (signal: AbortSignal) => AsyncGenerator<readonly Item[]>,
): Promise<FastifyReply> {
  const stream = await new Promise<Readable>((resolve, reject) => {
    longWork(reply, async (signal) => {
      const items = work(signal)
      const first = await items.next()
      // Who does not read takes no lines, and would keep it from ending.
      const leave = () => items.return(undefined).catch(() => undefined)
      if (signal.aborted) await leave()
      else signal.addEventListener('abort', leave, { once: true })
      const lines = Readable.from(linesOf(first, items, countName, signal), { objectMode: false })
      resolve(lines)
      // Until then a stop of the service ends the work. A client that goes is none of its errors.
      await finished(lines).catch(() => undefined)
      // Lines that are destroyed before one is read never begin, and so end nothing.
      await leave()
    }).catch(reject)
  })
  return reply.type(NDJSON).header('x-accel-buffering', 'no').send(stream)
}

async function* linesOf<Item>(
  first: IteratorResult<readonly Item[]>,
  items: AsyncGenerator<readonly Item[]>,
  countName: string,
  signal: AbortSignal,
): AsyncGenerator<string> {
  let count = 0
  try {
    for (let some = first; some.done !== true; some = await items.next()) {
      count += some.value.length
      if (some.value.length > 0)
        yield some.value.map((item) => `${JSON.stringify(item)}\n`).join('')
    }
    // It may have left off.
    signal.throwIfAborted()
    yield `${JSON.stringify({ complete: true, [countName]: count })}\n`
  } catch (error) {
    const reason: unknown = signal.aborted ? signal.reason : error
    if (!(reason instanceof AppError)) throw reason
    const { code, message } = reason
    yield `${JSON.stringify({ complete: false, [countName]: count, code, detail: message })}\n`
  }
}
