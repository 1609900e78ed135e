import type { IncomingMessage } from 'node:http'
import { AppError, shown } from '../../errors.ts'
import { bounded, bytesOf } from '../../files/bounded-stream.ts'

/** The media types that servers send images as; the bytes are sniffed later. */
const TAKEN = /^(image\/[^\s;]+|application\/octet-stream|binary\/octet-stream)$/i

/**
 * Reads the body of an answer that may be an image, never unpacked.
 * @throws URL_FETCH_FAILED, UNSUPPORTED_MEDIA_TYPE, BODY_TOO_LARGE.
 */
export async function readImageAnswer(
  answer: IncomingMessage,
  maxBytes: number,
): Promise<Uint8Array> {
  const { statusCode, headers } = answer
  if (statusCode !== 200) {
    throw new AppError('URL_FETCH_FAILED', `expected status 200 from the URL, got ${statusCode}`)
  }
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') {
    const message = `expected an image without Content-Encoding from the URL, got ${shown(encoding)}`
    throw new AppError('URL_FETCH_FAILED', message)
  }
  const type = headers['content-type']?.split(';', 1)[0]?.trim()
  if (type !== undefined && !TAKEN.test(type)) {
    const message = `expected Content-Type image/* from the URL, got ${shown(type)}`
    throw new AppError('UNSUPPORTED_MEDIA_TYPE', message)
  }
  const announced = Number(headers['content-length'] ?? 0)
  const tooLarge = (got: string) => {
    const message = `expected an image of at most ${maxBytes} bytes from the URL, got ${got}`
    return new AppError('BODY_TOO_LARGE', message)
  }
  if (announced > maxBytes) throw tooLarge(String(announced))
  return await bytesOf(bounded(answer, maxBytes, () => tooLarge('more')))
}
