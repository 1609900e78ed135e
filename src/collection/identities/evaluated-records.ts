import type { EngineCollection } from '../../engine/engine.ts'
import { fieldPath } from '../../engine/field-path.ts'
import type { Filter } from '../../engine/filter.ts'
import { type IdentityValue, identityAt } from '../../engine/identity-value.ts'
import { AppError } from '../../errors.ts'
import { packRows } from '../../vector/row-matrix.ts'
import { identifiedRecords } from './identified-records.ts'
import type { EvaluatedImages, EvaluatedSets } from './identity-measures.ts'

interface Wanted {
  /** Null: every record is a query, and searched. */
  readonly filters: { readonly queries: Filter; readonly gallery: Filter } | null
  readonly junk: readonly IdentityValue[]
  readonly cameras: 'exclude' | 'ignore'
}

interface Read {
  readonly id: string
  readonly identity: IdentityValue
  readonly camera: IdentityValue | null
  readonly vector: Float32Array
}

/** Records that are evaluated, of each kind. */
const MAX_EVALUATED = 20_000
const PAGE = 500

/**
 * Reads the queries and the gallery of an evaluation. Records without identity are left out, as junk is.
 * @throws INVALID_REQUEST for too many records; COLLECTION_WITHOUT_IDENTITIES.
 */
export async function evaluatedRecords(
  engine: EngineCollection,
  { filters, junk, cameras }: Wanted,
  signal: AbortSignal,
): Promise<EvaluatedSets & { readonly identities: number }> {
  const { generation, release } = engine.pin()
  try {
    const { spec } = generation
    const left = new Set(junk)
    const cameraPath = spec.cameraField === null ? null : fieldPath(spec.cameraField)
    const read = async (filter: Filter | null) => {
      const found: Read[] = []
      const wanted = { filter, limit: PAGE, searchable: true }
      for await (const { record, identity } of identifiedRecords(engine, wanted, signal)) {
        if (left.has(identity)) continue
        const { id, metadata } = record
        const vector = await generation.vector(id)
        const camera = cameraPath && identityAt(metadata, cameraPath)
        if (vector !== null) found.push({ id, identity, camera, vector })
        if (found.length > MAX_EVALUATED) throw tooMany()
      }
      return found
    }
    const gallery = await read(filters?.gallery ?? null)
    const queries = filters === null ? gallery : await read(filters.queries)
    const numbers = new Map<IdentityValue, number>()
    const numberOf = numbering(numbers)
    const cameraOf = numbering<IdentityValue>(new Map())
    // A record without a camera is of one that nobody else has.
    let unknown = 0
    const toImages = (records: readonly Read[]): EvaluatedImages => ({
      values: packRows(
        records.map(({ vector }) => vector),
        spec.dimensions,
      ).values,
      classes: Int32Array.from(records, ({ identity }) => numberOf(identity)),
      cameras:
        cameras === 'ignore'
          ? null
          : Int32Array.from(records, ({ camera }) =>
              camera === null ? --unknown : cameraOf(camera),
            ),
    })
    const rows = new Map(gallery.map(({ id }, row) => [id, row]))
    return {
      dimensions: spec.dimensions,
      space: spec.metric,
      gallery: toImages(gallery),
      queries: toImages(queries),
      ownRows: Int32Array.from(queries, ({ id }) => rows.get(id) ?? -1),
      identities: numbers.size,
    }
  } finally {
    release()
  }
}

/** Gives each value a number, from 0 in the order in which they first come. */
function numbering<T>(numbers: Map<T, number>): (value: T) => number {
  return (value) => {
    const number = numbers.get(value) ?? numbers.size
    numbers.set(value, number)
    return number
  }
}

function tooMany(): AppError {
  return new AppError(
    'INVALID_REQUEST',
    `expected at most ${MAX_EVALUATED} records to evaluate with, got more: choose some by the filters queries and gallery`,
  )
}
