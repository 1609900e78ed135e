import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { DamagedFile } from './durable-files.ts'

export interface FileFacts {
  readonly sha256: string
  readonly bytes: number
}

/** The bytes read in one go: about a millisecond of hashing, then others have their turn. */
export const CHUNK_BYTES = 1024 * 1024

/** Gives the bytes of a file in order, from where it stands, and hashes them on the way. */
export class HashingReader {
  readonly #file: FileHandle
  readonly #hash = createHash('sha256')
  #buffer = Buffer.alloc(0)
  #start = 0
  #end = 0
  #bytes = 0

  constructor(file: FileHandle) {
    this.#file = file
  }

  /** Gives the next bytes, valid until the next call; they begin at a multiple of four. */
  async take(bytes: number): Promise<DataView> {
    if (this.#end - this.#start < bytes) await this.#fill(bytes)
    const start = this.#start
    this.#start += bytes
    return new DataView(this.#buffer.buffer, this.#buffer.byteOffset + start, bytes)
  }

  async finish(): Promise<FileFacts> {
    if (this.#start < this.#end || (await this.#read(Buffer.alloc(1), 0)) > 0) {
      throw new DamagedFile(`expected ${this.#bytes - this.#end + this.#start} bytes, got more`)
    }
    return { sha256: this.#hash.digest('hex'), bytes: this.#bytes }
  }

  async #fill(bytes: number): Promise<void> {
    const next = Buffer.from(new ArrayBuffer(Math.max(bytes, CHUNK_BYTES)))
    this.#buffer.copy(next, 0, this.#start, this.#end)
    this.#end -= this.#start
    this.#start = 0
    this.#buffer = next
    while (this.#end < bytes) {
      const read = await this.#read(next, this.#end)
      if (read === 0) throw new DamagedFile(`the file ends after ${this.#bytes} bytes`)
      this.#end += read
    }
  }

  async #read(target: Buffer, at: number): Promise<number> {
    const { bytesRead } = await this.#file.read(target, at, target.length - at)
    this.#hash.update(target.subarray(at, at + bytesRead))
    this.#bytes += bytesRead
    return bytesRead
  }
}
