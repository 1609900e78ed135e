import { AppError, shown } from '../../errors.ts'

const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/

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
  if (!isBase64(data)) {
    throw new AppError(
      'INVALID_REQUEST',
      `${at}: expected the image file in base64, got ${shown(data)}`,
    )
  }
  // A copy out of Node's shared buffer pool, so that it can be handed to another thread.
  const decoded = Buffer.from(data, 'base64')
  return decoded.byteLength === decoded.buffer.byteLength ? decoded : Uint8Array.from(decoded)
}

export function isBase64(text: string): boolean {
  return text !== '' && BASE64.test(text) && text.replace(/=+$/, '').length % 4 !== 1
}
