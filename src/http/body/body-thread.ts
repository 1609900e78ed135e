import { workerData } from 'node:worker_threads'
import { serveThread } from '../../threads/thread-host.ts'
import type { QueryLimits } from '../query-limits.ts'
import { BODY_READERS, type BodyKind } from './body-readers.ts'

export type BodyCalls = typeof calls

interface Body {
  readonly kind: BodyKind
  readonly body: Uint8Array
}

const limits = workerData as QueryLimits

/** Reads the large JSON bodies that would hold up the event loop. */
const calls = { read: ({ kind, body }: Body) => BODY_READERS[kind](body, limits) }

await serveThread(() => ({ calls, transfer: buffersOf }))

/** Gives the memory of every typed array in a read body, to be moved instead of copied. */
function buffersOf(value: unknown, found: ArrayBuffer[] = []): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) found.push(value.buffer as ArrayBuffer)
  else if (Array.isArray(value)) {
    // Lists of ids are long and hold no arrays; lists of examples are short.
    if (typeof value[0] === 'object') for (const item of value) buffersOf(item, found)
  } else if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) buffersOf(member, found)
  }
  return found
}
