import type { TrainingOrder } from '../../collection/trainings.ts'
import { AppError } from '../../errors.ts'
import { createParser } from '../schema-check.ts'
import { TrainingBody } from '../schemas/job.ts'
import { parseJson } from './json-text.ts'

const parseBody = createParser(TrainingBody)

/** What is made, what from, and the members of a recipe. */
export function readTrainingBody(body: Uint8Array): TrainingOrder {
  const { name, replace, model, folder, csv, collection, field, ...recipe } = parseBody(
    parseJson(body),
  )
  const given = Object.entries({ folder, csv, collection }).filter(([, path]) => path !== undefined)
  const [first] = given
  if (first === undefined || given.length > 1) {
    const got = given.map(([kind]) => kind).join(' and ') || 'none'
    throw new AppError('INVALID_REQUEST', `expected one of folder, csv and collection, got ${got}`)
  }
  if ((collection === undefined) !== (field === undefined)) {
    const missing = field === undefined ? '/field' : '/collection'
    throw new AppError('INVALID_REQUEST', `${missing}: expected collection and field, got one`)
  }
  const [kind, path] = first as ['folder' | 'csv' | 'collection', string]
  return {
    ...{ name, replace: replace ?? false, model: model ?? null, recipe },
    from: kind === 'collection' ? { kind, collection: path, field: field! } : { kind, path },
  }
}
