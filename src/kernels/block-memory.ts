import { AppError } from '../errors.ts'

export const PAGE_BYTES = 64 * 1024
export const MAX_PAGES = 65536
/** The unit of allocation: small, so that a small collection costs little. */
export const BLOCK_BYTES = 256 * 1024
const PAGES_PER_BLOCK = BLOCK_BYTES / PAGE_BYTES
/** WebAssembly addresses end at 4 GiB: a segment is one memory, and there can be many. */
const SEGMENT_BLOCKS = (MAX_PAGES * PAGE_BYTES) / BLOCK_BYTES
const GROWTH_BLOCKS = 64
/** Every thread has one block of scratch space at the start of every segment. */
export const MAX_THREADS = 64

/** Where a block lies: the number of its segment, and the byte there. */
export function blockAddress(block: number): { segment: number; byteOffset: number } {
  return {
    segment: Math.floor(block / SEGMENT_BLOCKS),
    byteOffset: (block % SEGMENT_BLOCKS) * BLOCK_BYTES,
  }
}

/**
 * Gives the buffer of a memory that another thread may have grown. An engine lets its threads know of a
 * growth some time later; to grow by nothing is to ask now.
 */
export function currentBuffer(memory: WebAssembly.Memory, bytes: number): SharedArrayBuffer {
  if (memory.buffer.byteLength < bytes) memory.grow(0)
  return memory.buffer
}

/**
 * Shared WASM memory, given out in blocks. One thread allocates and writes; all may read.
 *
 * All collections share the segments, because an engine reserves address space for about a hundred
 * memories only, whatever their size.
 */
export class BlockMemory {
  readonly #segments: WebAssembly.Memory[] = []
  readonly #free: number[] = []
  readonly #onSegment: ((segment: WebAssembly.Memory) => void)[] = []
  #next = SEGMENT_BLOCKS
  #used = 0

  get segments(): readonly WebAssembly.Memory[] {
    return this.#segments
  }

  get usedBytes(): number {
    return this.#used * BLOCK_BYTES
  }

  /** Calls back for every segment: those there are, and each new one before a block of it is used. */
  onSegment(callback: (segment: WebAssembly.Memory) => void): void {
    for (const segment of this.#segments) callback(segment)
    this.#onSegment.push(callback)
  }

  /** @throws OUT_OF_MEMORY when the machine gives no more. */
  allocate(): number {
    const reused = this.#free.pop()
    if (reused === undefined && this.#next % SEGMENT_BLOCKS === 0) this.#addSegment()
    const block = reused ?? this.#next++
    const { segment, byteOffset } = blockAddress(block)
    this.#reach(this.#segments[segment]!, byteOffset + BLOCK_BYTES)
    this.#used++
    return block
  }

  release(blocks: readonly number[]): void {
    this.#free.push(...blocks)
    this.#used -= blocks.length
  }

  /** Gives a view of a whole block. Ask for another after an allocation: growth replaces the buffer. */
  floats(block: number): Float32Array {
    const { segment, byteOffset } = blockAddress(block)
    return new Float32Array(this.#segments[segment]!.buffer, byteOffset, BLOCK_BYTES / 4)
  }

  #addSegment(): void {
    const what = `no address space for vector segment ${this.#segments.length}`
    const initial = MAX_THREADS * PAGES_PER_BLOCK
    const segment = orOutOfMemory(what, () => {
      return new WebAssembly.Memory({ initial, maximum: MAX_PAGES, shared: true })
    })
    this.#segments.push(segment)
    this.#next = (this.#segments.length - 1) * SEGMENT_BLOCKS + MAX_THREADS
    for (const callback of this.#onSegment) callback(segment)
  }

  /** Untouched pages cost nothing, so growth goes in large steps. */
  #reach(segment: WebAssembly.Memory, bytes: number): void {
    const missing = bytes - segment.buffer.byteLength
    if (missing <= 0) return
    const room = MAX_PAGES - segment.buffer.byteLength / PAGE_BYTES
    const pages = Math.min(room, Math.max(missing / PAGE_BYTES, GROWTH_BLOCKS * PAGES_PER_BLOCK))
    const what = `no memory for ${pages * PAGE_BYTES} more bytes of vectors`
    orOutOfMemory(what, () => segment.grow(pages))
  }
}

function orOutOfMemory<T>(what: string, allocate: () => T): T {
  try {
    return allocate()
  } catch (cause) {
    throw new AppError('OUT_OF_MEMORY', what, { cause })
  }
}
