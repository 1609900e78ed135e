import type { CollectionSpec } from '../../engine/collection-spec.ts'
import { readWalkCursor, requestHash, writeWalkCursor } from '../../engine/cursor.ts'
import type { EngineCollection } from '../../engine/engine.ts'
import { compileFilter, type Filter, parseFilter } from '../../engine/filter.ts'
import type { PinnedGeneration } from '../../engine/generation.ts'
import { NEAREST_IDS } from '../../engine/query.ts'
import { AppError } from '../../errors.ts'
import { mapBounded } from '../../scheduling/map-bounded.ts'
import { packRows } from '../../vector/row-matrix.ts'
import { HELD } from '../enrolment.ts'
import { MAX_GROUP, type Neighbours, type WalkCost, walkGroups } from '../neighbour-groups.ts'
import { type KnownCalibration, validCalibration } from './calibration.ts'
import type { IdentityMeasures } from './identity-measures.ts'
import { identityFieldOf } from './subject-views.ts'

export interface UnknownsRequest {
  /** The largest mean distance of two clusters that are joined, inclusive; left out, that of the calibration. */
  readonly radius?: number
  /** Records that do not meet it are as if they were not there. */
  readonly filter: Filter | null
  /** The least records of a cluster that is shown. */
  readonly least: number
  /** An answer ends with the chain of neighbours by which it has as many clusters. */
  readonly limit: number
  readonly cursor: string | null
}

/** Records that are probably of one identity, which has no name yet. */
interface UnknownCluster {
  /** In order. */
  readonly ids: readonly string[]
  /** The largest distance of two of them; 0 of one alone. */
  readonly spread: number
  /** False where more than MAX_GROUP records are chained, and the cluster may lack some. */
  readonly complete: boolean
}

export interface UnknownsAnswer {
  /** In the order of the first ids of their chains, and of their own within one. */
  readonly clusters: readonly UnknownCluster[]
  readonly radius: number
  readonly source: 'request' | 'calibration'
  readonly complete: boolean
  readonly cursor: string | null
}

interface Parts {
  readonly records: Pick<EngineCollection, 'scroll'>
  readonly generation: PinnedGeneration
  readonly measures: Pick<IdentityMeasures, 'cluster'>
  readonly calibration: KnownCalibration
  readonly cost: WalkCost
}

export const DEFAULT_UNKNOWNS_LIMIT = 100
export const MAX_UNKNOWNS_LIMIT = 1000
export const DEFAULT_LEAST_RECORDS = 2
const MATCHES_AT_ONCE = 256
const VECTORS_AT_ONCE = 16

/**
 * Clusters the records that have no identity by the mean distances of clusters (average linkage). Two clusters within the radius
 * have two records within it, so that all of a cluster is in one chain of neighbours: chains are found one by one, in the order of ids,
 * and each is clustered by itself. The answers together are the clusters of all records.
 *
 * @throws COLLECTION_WITHOUT_IDENTITIES, INVALID_CURSOR, CALIBRATION_NOT_FOUND, CALIBRATION_OUTDATED; INVALID_REQUEST where
 * the calibration knows no radius.
 */
export async function unknowns(
  { filter, least, limit, cursor, ...asked }: UnknownsRequest,
  { records, generation, measures, calibration, cost }: Parts,
  signal?: AbortSignal,
): Promise<UnknownsAnswer> {
  const { spec } = generation
  const nameless = withoutIdentity(spec, filter)
  const radius = asked.radius ?? calibratedRadius(calibration, spec.name)
  const parts = [spec.name, generation.generation, 'unknowns', radius, least, filter]
  const hash = requestHash(parts)
  const neighbours = neighboursWithin(radius, nameless, generation, signal)
  const from = cursor === null ? null : readWalkCursor(cursor, hash)
  const walked = { neighbours, filter: nameless, least, limit, after: from, cost }
  const { groups, after } = await walkGroups(records, walked, signal)
  const clusters: UnknownCluster[] = []
  for (const { ids, complete } of groups) {
    const known = await vectorsOf(ids, generation, signal)
    if (known.length < least) continue
    const { dimensions, metric: space } = spec
    const vectors = known.map(({ vector }) => vector)
    const { values } = packRows(vectors, dimensions)
    const found = await measures.cluster({ values, dimensions, space, radius }, signal)
    for (const { rows, spread } of found) {
      if (rows.length < least) continue
      clusters.push({ ids: rows.map((row) => known[row]!.id), spread, complete })
    }
  }
  return {
    clusters,
    radius,
    source: asked.radius === undefined ? 'calibration' : 'request',
    complete: after === null,
    cursor: after === null ? null : writeWalkCursor(after, hash),
  }
}

function calibratedRadius(known: KnownCalibration, collection: string): number {
  const { clusters } = validCalibration(known, collection)
  if (clusters) return clusters.radius
  const calibrated = 'records of several identities, of which two are alike'
  throw new AppError(
    'INVALID_REQUEST',
    `/radius: expected it, or a calibration by ${calibrated}, got neither: calibrate again`,
  )
}

/** What is held is known to be somebody, and waits to be released. */
function withoutIdentity(spec: CollectionSpec, filter: Filter | null): Filter {
  const field = identityFieldOf(spec)
  const $or = [{ [field]: { $exists: false } }, { [field]: null }]
  const held = spec.quality === null ? {} : { [HELD]: { $exists: false } }
  const nameless = parseFilter({ $or, ...held })
  return filter === null ? nameless : { kind: 'all', filters: [nameless, filter] }
}

/**
 * Finds neighbours among all records, and leaves out those that do not meet the filter: most often few are near enough to be
 * looked at. Where they fill a page of which few meet it, the search itself takes the filter, so that no more pages are needed
 * than what meets it fills: at most 7 that are half full, one of few and 4 of the filter.
 */
function neighboursWithin(
  radius: number,
  filter: Filter,
  generation: PinnedGeneration,
  signal: AbortSignal | undefined,
): Neighbours {
  const meets = compileFilter(filter)
  const include = { metadata: true, vectors: false }
  return async (id, again) => {
    const vector = await generation.vector(id)
    // Deleted since the page of ids was read.
    if (vector === null) return []
    const query = { ...NEAREST_IDS, vector, k: null, limit: MATCHES_AT_ONCE, radius, include }
    let near: string[] = []
    let within: Filter | null = null
    for (let cursor: string | null = null; near.length <= MAX_GROUP; again()) {
      const found = await generation.search({ ...query, filter: within, cursor }, signal)
      const met = found.matches.filter(({ metadata }) => meets(metadata!))
      for (const { id: other } of met) near.push(other)
      cursor = found.cursor
      if (cursor === null) break
      if (within === null && met.length < MATCHES_AT_ONCE / 2) {
        within = filter
        near = []
        cursor = null
      }
    }
    return near
  }
}

async function vectorsOf(
  ids: readonly string[],
  generation: PinnedGeneration,
  signal: AbortSignal | undefined,
): Promise<{ readonly id: string; readonly vector: Float32Array }[]> {
  const vectors = await mapBounded(ids, VECTORS_AT_ONCE, async (id) => {
    signal?.throwIfAborted()
    const vector = await generation.vector(id)
    return vector && { id, vector }
  })
  return vectors.filter((one) => one !== null)
}
