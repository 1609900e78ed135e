import type { Static, TSchema } from 'typebox'
import { parseExactJson } from '../../engine/exact-json.ts'
import { AppError, messageOf } from '../../errors.ts'
import { createParser, invalidRequest } from '../schema-check.ts'

/** Makes a reader of JSON bodies that fit a schema. @throws INVALID_REQUEST for others; INVALID_NUMBER. */
export function createJsonParser<S extends TSchema>(schema: S): (body: Uint8Array) => Static<S> {
  const parse = createParser(schema)
  return (body) => parse(parseJson(body))
}

/** @throws INVALID_REQUEST for bytes that are not UTF-8, or text that is not JSON; INVALID_NUMBER. */
export function parseJson(bytes: Uint8Array, what = 'a JSON body'): unknown {
  if (bytes.byteLength === 0) throw invalidRequest(`expected ${what}, got none`)
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw invalidRequest(`expected ${what} in UTF-8, got other bytes`, { cause })
  }
  try {
    return parseExactJson(text, bytes)
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    // V8's message quotes the text around the fault, cut to a few characters.
    throw invalidRequest(`expected ${what}: ${messageOf(cause)}`, { cause })
  }
}
