import { constants, type Dirent, type Stats } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'

// To open a FIFO would wait for its writer, and hold a thread of libuv's pool until then. A terminal must not become ours.
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0)

/**
 * Opens a file that a user names. What was opened is checked, not what the path led to before.
 * @throws an Error for what is no regular file, such as a FIFO or a device, which may never end; what opening throws.
 */
export async function openRegular(path: string): Promise<{ file: FileHandle; bytes: number }> {
  const file = await open(path, FLAGS)
  try {
    const facts = await file.stat()
    if (!facts.isFile()) throw new Error(`expected a regular file, got ${kindOf(facts)}`)
    return { file, bytes: facts.size }
  } catch (error) {
    await file.close()
    throw error
  }
}

/**
 * Reads a whole regular file, as long as it is when it is opened.
 * @param tooLarge makes what is thrown for more than `maxBytes`, before a byte is read.
 * @throws as `openRegular`.
 */
export async function readRegular(
  path: string,
  maxBytes: number,
  tooLarge: (bytes: number) => Error,
): Promise<Buffer<ArrayBuffer>> {
  const opened = await openRegular(path)
  await using file = opened.file
  if (opened.bytes > maxBytes) throw tooLarge(opened.bytes)
  const content = Buffer.allocUnsafeSlow(opened.bytes)
  let end = 0
  while (end < content.length) {
    const { bytesRead } = await file.read(content, end, content.length - end)
    // It became shorter meanwhile.
    if (bytesRead === 0) break
    end += bytesRead
  }
  return content.subarray(0, end)
}

/** Names what is no regular file. */
export function kindOf(facts: Stats | Dirent): string {
  if (facts.isDirectory()) return 'a folder'
  if (facts.isFIFO()) return 'a FIFO'
  if (facts.isSocket()) return 'a socket'
  return 'a device'
}
