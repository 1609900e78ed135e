import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname } from 'node:path'

/** A file of the page as it is sent. */
export interface PageFile {
  readonly mediaType: string
  readonly bytes: Buffer
  /** Compressed with brotli. */
  readonly brotli: Buffer
}

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
}

/** Reads the files of the page by their names, each when it is first asked for; null for any other name. */
export function createPageFiles(folder: URL): (name: string) => PageFile | null {
  const read = new Map<string, PageFile>()
  let names: ReadonlySet<string> | null = null
  return (name) => {
    // Only what the build wrote is read, whatever a request names.
    names ??= new Set(existsSync(folder) ? readdirSync(folder) : [])
    const mediaType = MEDIA_TYPES[extname(name)]
    if (mediaType === undefined || !names.has(name)) return null
    let file = read.get(name)
    if (file === undefined) {
      const bytes = readFileSync(new URL(name, folder))
      file = { mediaType, bytes, brotli: readFileSync(new URL(`${name}.br`, folder)) }
      read.set(name, file)
    }
    return file
  }
}
