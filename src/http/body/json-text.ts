import { AppError, messageOf } from '../../errors.ts'

/** @throws INVALID_REQUEST for bytes that are not UTF-8, or text that is not JSON. */
export function parseJson(bytes: Uint8Array, what = 'a JSON body'): unknown {
  if (bytes.byteLength === 0) throw new AppError('INVALID_REQUEST', `expected ${what}, got none`)
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new AppError('INVALID_REQUEST', `expected ${what} in UTF-8, got other bytes`, { cause })
  }
  return parseJsonText(text, what)
}

function parseJsonText(text: string, what: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    // V8's message quotes the text around the fault, cut to a few characters.
    throw new AppError('INVALID_REQUEST', `expected ${what}: ${messageOf(cause)}`, { cause })
  }
}
