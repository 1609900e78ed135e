import { checkId } from '../../engine/collection-spec.ts'
import type { Filter } from '../../engine/filter.ts'
import { parseFilter } from '../../engine/filter.ts'
import { AppError } from '../../errors.ts'
import { createParser } from '../schema-check.ts'
import { DeleteBody } from '../schemas/record.ts'
import { parseJson } from './json-text.ts'

const parseBody = createParser(DeleteBody)

/** `{ ids }` or `{ filter }`: an empty body must not delete everything. */
export function readDeleteBody(body: Uint8Array): { ids: readonly string[] } | { filter: Filter } {
  const { ids, filter } = parseBody(parseJson(body))
  if (ids !== undefined && filter === undefined) return { ids: ids.map(checkId) }
  if (filter !== undefined && ids === undefined) return { filter: parseFilter(filter) }
  const got = ids === undefined ? 'neither' : 'both'
  throw new AppError('INVALID_REQUEST', `expected one of ids and filter, got ${got}`)
}
