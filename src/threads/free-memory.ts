import { MessageChannel } from 'node:worker_threads'
import { ownsMemory } from './own-memory.ts'

/** What is moved to a port whose other end is closed goes nowhere. */
const nowhere = closedPort()

/**
 * Frees memory that nobody reads any more at once: the bytes have no length afterwards. Left to the garbage collector, buffers of many
 * kilobytes make it mark the whole heap again and again, since V8 bounds what they take together. What is part of other memory,
 * shared, or bound to its place is left alone.
 */
export function freeMemory(bytes: Uint8Array): void {
  if (bytes.byteLength === 0 || !ownsMemory(bytes)) return
  try {
    nowhere.postMessage(null, [bytes.buffer])
  } catch {
    // Newer versions of Node refuse memory that is marked as bound to its place.
  }
}

function closedPort() {
  const { port1, port2 } = new MessageChannel()
  port1.close()
  port2.close()
  return port1
}
