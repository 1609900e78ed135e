import { type FileHandle, open } from 'node:fs/promises'
import { DamagedFile } from '../../../files/durable-files.ts'
import { CHUNK_BYTES } from '../../../files/hashing-reader.ts'
import { DELETED, type GraphShape, HEADER_BYTES, nodeBytesOf } from './graph-file.ts'

/**
 * Overwrites the vectors of some versions in a file of hnswlib with zeros. Their links stay: the graph still leads through
 * them. @returns whether there was such a version. @throws DamagedFile for a file that is too short.
 */
export async function eraseVectors(
  path: string,
  shape: GraphShape,
  isGone: (label: number, deleted: boolean) => boolean,
): Promise<boolean> {
  const { node, links } = nodeBytesOf(shape)
  const atOnce = Math.max(1, Math.floor(CHUNK_BYTES / node))
  let found = false
  await using file = await open(path, 'r+')
  for (let first = 0; first < shape.count; first += atOnce) {
    const bytes = Buffer.alloc(Math.min(atOnce, shape.count - first) * node)
    const position = HEADER_BYTES + first * node
    await readWhole(file, bytes, position)
    let changed = false
    for (let start = 0; start < bytes.length; start += node) {
      const label = Number(bytes.readBigUInt64LE(start + node - 8))
      if (!isGone(label, (bytes.readUInt32LE(start) & DELETED) !== 0)) continue
      bytes.fill(0, start + links, start + node - 8)
      changed = true
    }
    if (!changed) continue
    await writeWhole(file, bytes, position)
    found = true
  }
  if (found) await file.sync()
  return found
}

async function readWhole(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, position + done)
    if (bytesRead === 0) throw new DamagedFile(`the file ends after ${position + done} bytes`)
    done += bytesRead
  }
}

async function writeWhole(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done)
    done += bytesWritten
  }
}
