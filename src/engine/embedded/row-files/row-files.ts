import { closeSync, mkdirSync, openSync, read, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { AppError, messageOf } from '../../../errors.ts'
import { PRIVATE_FILE, PRIVATE_FOLDER } from '../../../files/private-files.ts'
import type { RowFile } from '../../../kernels/stored-rows.ts'
import { checkRow, rowBytes } from './row-access.ts'

const readAt = promisify(read)

/**
 * The files of float32 rows of one process, in one folder. They have no names: each is unlinked as soon as
 * it is open, so that nothing is left of it however the process ends, and nothing of an earlier one is read.
 */
export class RowFiles {
  readonly #folder: string
  readonly #open = new Set<RowFile>()
  #next = 0

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Opens an empty file. @throws DATA_FOLDER_UNUSABLE. */
  open(dimensions: number): RowFile {
    const descriptor = this.#openUnlinked()
    const bytes = rowBytes(dimensions)
    const file: RowFile = {
      descriptor,
      async read(row) {
        const buffer = Buffer.alloc(bytes)
        const { bytesRead } = await readAt(descriptor, buffer, 0, bytes, row * bytes)
        checkRow(buffer, row, bytesRead)
        return new Float32Array(buffer.buffer, buffer.byteOffset, dimensions).slice()
      },
      close: () => {
        if (this.#open.delete(file)) closeSync(descriptor)
      },
    }
    this.#open.add(file)
    return file
  }

  /** To be called when no thread reads or writes any more. */
  close(): void {
    for (const file of [...this.#open]) file.close()
  }

  #openUnlinked(): number {
    const path = join(this.#folder, `rows-${process.pid}-${this.#next++}`)
    try {
      mkdirSync(this.#folder, { recursive: true, mode: PRIVATE_FOLDER })
      const descriptor = openSync(path, 'w+', PRIVATE_FILE)
      unlinkSync(path)
      return descriptor
    } catch (cause) {
      const reason = messageOf(cause)
      throw new AppError('DATA_FOLDER_UNUSABLE', `cannot keep vectors in ${path}: ${reason}`, {
        cause,
      })
    }
  }
}
