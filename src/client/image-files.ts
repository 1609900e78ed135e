import type { ImageFile } from './calls.ts'

/** Characters that one call takes as arguments. */
const CHUNK = 0x8000

/** Replaces the files within a JSON body by what the API takes there, `{ data }` in base64. */
export async function withEncodedFiles(value: unknown): Promise<unknown> {
  if (typeof value !== 'object' || value === null) return value
  if (isFile(value)) return { data: base64Of(await bytesOf(value)) }
  if (Array.isArray(value)) {
    // Vectors are long, and have no files.
    return typeof value[0] === 'number' ? value : await Promise.all(value.map(withEncodedFiles))
  }
  const members = Object.entries(value).map(async ([name, member]) => {
    return [name, await withEncodedFiles(member)] as const
  })
  return Object.fromEntries(await Promise.all(members))
}

export function blobOf(image: ImageFile): Blob {
  return image instanceof Blob ? image : new Blob([image])
}

function isFile(value: object): value is ImageFile {
  return value instanceof Blob || value instanceof Uint8Array
}

async function bytesOf(image: ImageFile): Promise<Uint8Array> {
  return image instanceof Blob ? new Uint8Array(await image.arrayBuffer()) : image
}

/** Encodes without `Buffer`, which pages have not. */
function base64Of(bytes: Uint8Array): string {
  let text = ''
  for (let start = 0; start < bytes.length; start += CHUNK) {
    text += String.fromCharCode(...bytes.subarray(start, start + CHUNK))
  }
  return btoa(text)
}
