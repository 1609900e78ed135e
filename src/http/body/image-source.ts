import { AppError, shown } from '../../errors.ts'

/** An image as a request gives it: its bytes, or where to fetch them. */
export type ImageSource = Uint8Array | { readonly url: string }

/**
 * An image given inside JSON.
 * @throws INVALID_REQUEST unless there is exactly one of `data` and `url`, and for data that is not
 * base64 (the URL-safe letters are taken too).
 */
export function imageSource(
  source: { readonly data?: string; readonly url?: string },
  at: string,
): ImageSource {
  const { data, url } = source
  if ((data === undefined) === (url === undefined)) {
    const got = data === undefined ? 'neither' : 'both'
    throw new AppError('INVALID_REQUEST', `${at}: expected one of data and url, got ${got}`)
  }
  if (url !== undefined) return { url }
  return base64Bytes(data!, `${at}/data`)
}

/** @throws INVALID_REQUEST for text that is no base64; the URL-safe letters are taken too. */
export function base64Bytes(data: string, at: string): Uint8Array {
  const decoded = fromBase64(data)
  if (decoded === null) {
    throw new AppError(
      'INVALID_REQUEST',
      `${at}: expected the image file in base64, got ${shown(data)}`,
    )
  }
  // A copy out of Node's shared buffer pool, so that it can be handed to another thread.
  return decoded.byteLength === decoded.buffer.byteLength ? decoded : Uint8Array.from(decoded)
}

/** The bytes of base64 with either alphabet, padded or not; null for other text. They may lie in Node's shared pool. */
export function fromBase64(text: string): Buffer | null {
  let letters = text.length
  while (letters > 0 && letters > text.length - 2 && text[letters - 1] === '=') letters--
  if (letters === 0 || letters % 4 === 1) return null
  // Node leaves out what is no letter of base64, so that fewer bytes come of it than of as many letters.
  const bytes = Buffer.from(text, 'base64')
  return bytes.byteLength === Math.floor((letters * 3) / 4) ? bytes : null
}
