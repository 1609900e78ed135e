import { availableParallelism } from 'node:os'
import { AppError } from '../errors.ts'
import type { ImageDecoder } from '../image/image-decoder.ts'
import { SMALL_IMAGE_BYTES } from '../scheduling/large-images.ts'
import { ownsMemory } from '../threads/own-memory.ts'
import { ThreadClient } from '../threads/thread-client.ts'
import type { DecodeCalls } from './decoding/decode-thread.ts'
import { configureSharp } from './sharp-opening.ts'

// Compiled, the thread's file ends in .js.
const SCRIPT = new URL('./decoding/decode-thread.js', import.meta.url)
/** The processors whose images one thread prepares: libvips decodes in the pool, and the thread does what is left. */
const PROCESSORS_A_THREAD = 4
/** An image takes 30 seconds at most. */
const CLOSE_WITHIN_MS = 40_000

interface SharpDecoderOptions {
  /** The width x height of the largest image that is decoded. */
  readonly maxPixels?: number
  /** The processors that decode; those of the machine when left out. */
  readonly processors?: number
  /** The script of the threads; a test may give one that dies. */
  readonly script?: URL
}

/**
 * Makes the decoder of every image, by sharp (libvips). UV_THREADPOOL_SIZE bounds how many images libuv decodes at once; what is
 * left to do is done in threads that start with the first image and keep no process alive while they have nothing to do.
 * It throws also THREAD_FAILED when a thread dies, and SHUTTING_DOWN after `close`. `take` is called for large images alone.
 */
export function createSharpImageDecoder({
  maxPixels = 64_000_000,
  processors = availableParallelism(),
  script = SCRIPT,
}: SharpDecoderOptions = {}): ImageDecoder & { close(): Promise<void> } {
  if (!Number.isInteger(maxPixels) || maxPixels < 1) {
    throw new RangeError(`expected maxPixels to be an integer of at least 1, got ${maxPixels}`)
  }
  // Here too: a library that only threads have loaded would be unloaded with the last of them.
  configureSharp()
  const count = Math.ceil(processors / PROCESSORS_A_THREAD)
  const threads = Array.from({ length: count }, () => openThread(script))
  return {
    async decode(
      bytes,
      spec,
      { thumbnail = false, fingerprint = false, quality = false, view, signal, take } = {},
    ) {
      let mostBytes = take === undefined ? Number.POSITIVE_INFINITY : SMALL_IMAGE_BYTES
      for (;;) {
        const thread = threads.reduce((a, b) => (b.pending < a.pending ? b : a))
        const sent = sendable(bytes)
        const call = {
          bytes: sent,
          spec,
          maxPixels,
          thumbnail,
          fingerprint,
          quality,
          view,
          mostBytes,
        }
        const options = { signal, transfer: ownsMemory(sent) ? [sent.buffer] : [] }
        const reply = await thread.call('decode', call, options).catch((error) => {
          throw signal?.aborted ? gaveUp(signal) : error
        })
        // Also where there was no pass left to end.
        if (signal?.aborted) throw gaveUp(signal)
        if ('image' in reply) return reply.image
        take?.(reply.needed)
        mostBytes = reply.needed
      }
    },
    async close() {
      await Promise.all(threads.map((thread) => thread.close()))
    },
  }
}

function openThread(script: URL): ThreadClient<DecodeCalls> {
  const name = 'a thread that decodes images'
  return new ThreadClient<DecodeCalls>({
    script,
    name,
    start: 'on demand',
    idle: 'lets process end',
    // A thread in the middle of a call of sharp would take the process with it.
    end: { after: 'all calls', withinMs: CLOSE_WITHIN_MS, late: 'leave behind' },
    errors: {
      died: ({ reason, cause }) => new AppError('THREAD_FAILED', `${name} ${reason}`, { cause }),
      closed: () => new AppError('SHUTTING_DOWN', 'the decoder is closed'),
    },
  })
}

function gaveUp(signal: AbortSignal): AppError {
  return new AppError('CANCELLED', 'the caller gave up waiting for a decoded image', {
    cause: signal.reason,
  })
}

/** Gives shared memory as it is, and a copy of other memory, to be moved: one that is not moved is copied twice. */
function sendable(bytes: Uint8Array): Uint8Array {
  return bytes.buffer instanceof SharedArrayBuffer ? bytes : new Uint8Array(bytes)
}
