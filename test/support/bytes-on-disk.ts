import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Gives the content of every file of a folder, at any depth, one after the other. A file that goes meanwhile is left out. */
export function bytesOnDisk(folder: string): Buffer {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  const paths = files
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name))
  return Buffer.concat(paths.map(contentOf))
}

/** Resolves once no file of the folder holds any of these. */
export async function untilNowhere(
  folder: string,
  traces: Readonly<Record<string, Uint8Array>>,
): Promise<void> {
  for (;;) {
    const there = bytesOnDisk(folder)
    if (Object.values(traces).every((bytes) => !there.includes(Buffer.from(bytes)))) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

function contentOf(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0)
    throw error
  }
}
