import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ExamplePictures } from '../collection/import/examples.ts'
import type { FileItem } from '../collection/import/import-source.ts'
import { compareIds } from '../engine/collection-spec.ts'
import { readImageFile } from './image-files.ts'

/** Where the drawings of examples/emoji are, in a checkout and in the package. Compiled, this file lies in dist/src/adapters. */
export const EXAMPLES_FOLDER = fileURLToPath(new URL('../../../examples/emoji/', import.meta.url))

const MOST_BYTES = 1024 * 1024

/** Reads the pictures that are shipped. A copy of the service without them has none. */
export function shippedExamples(folder = EXAMPLES_FOLDER): ExamplePictures {
  let listed: Promise<readonly string[]> | null = null
  const ids = () => {
    listed ??= picturesBelow(folder)
    return listed
  }
  return {
    async count() {
      return (await ids()).length
    },
    async *after(position) {
      for (const id of await ids()) {
        if (position === null || compareIds(id, position) > 0) yield itemOf(folder, id)
      }
    },
  }
}

function itemOf(folder: string, id: string): FileItem {
  const read = () => readImageFile(join(folder, id), MOST_BYTES)
  return { kind: 'file', id, asFound: null, position: id, heldBytes: 0, read }
}

async function picturesBelow(folder: string): Promise<readonly string[]> {
  try {
    const paths = await readdir(folder, { recursive: true })
    return paths.filter((path) => path.endsWith('.png')).sort(compareIds)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
