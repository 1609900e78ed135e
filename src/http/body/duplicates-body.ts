import { DEFAULT_DUPLICATES_LIMIT, type DuplicatesRequest } from '../../collection/duplicates.ts'
import { createParser } from '../schema-check.ts'
import { DuplicatesBody } from '../schemas/duplicates.ts'
import { parseJson } from './json-text.ts'

const parseBody = createParser(DuplicatesBody)

export function readDuplicatesBody(body: Uint8Array): DuplicatesRequest {
  const { by, radius, limit = DEFAULT_DUPLICATES_LIMIT, cursor = null } = parseBody(parseJson(body))
  return { by, radius, limit, cursor }
}
