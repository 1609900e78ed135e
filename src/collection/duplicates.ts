import { readWalkCursor, requestHash, writeWalkCursor } from '../engine/cursor.ts'
import type { EngineCollection } from '../engine/engine.ts'
import type { PinnedGeneration } from '../engine/generation.ts'
import { NEAREST_IDS } from '../engine/query.ts'
import { AppError } from '../errors.ts'
import { MAX_FINGERPRINT_RADIUS } from '../index/hamming/fingerprint-index.ts'
import {
  ANY_TIME,
  MAX_GROUP,
  type NeighbourGroup,
  type Neighbours,
  type WalkCost,
  walkGroups,
} from './neighbour-groups.ts'

export interface DuplicatesRequest {
  readonly by: 'fingerprint' | 'embedding'
  /** Inclusive: bits, whole, at most 16; or a distance in the unit of the collection. */
  readonly radius: number
  /** The most groups of one answer. */
  readonly limit: number
  readonly cursor: string | null
}

export interface DuplicatesAnswer {
  /** Of two or more records, in the order of their first ids. */
  readonly groups: readonly NeighbourGroup[]
  readonly exact: boolean
  /** False when there may be more groups, which begin at `cursor`. */
  readonly complete: boolean
  readonly cursor: string | null
  /** By fingerprint: the number of records that have none, and so are in no group. */
  readonly without?: number
}

export const MAX_DUPLICATES_LIMIT = 1000
export const DEFAULT_DUPLICATES_LIMIT = 100

/**
 * Finds groups of duplicates in the order of ids.
 * @throws INVALID_REQUEST, INVALID_CURSOR, and what `signal` aborts with.
 */
export async function duplicates(
  request: DuplicatesRequest,
  collection: Pick<EngineCollection, 'scroll'>,
  generation: PinnedGeneration,
  cost: WalkCost = ANY_TIME,
  signal?: AbortSignal,
): Promise<DuplicatesAnswer> {
  const { by, radius, limit, cursor } = request
  const isWholeBits = Number.isInteger(radius) && radius <= MAX_FINGERPRINT_RADIUS
  if (by === 'fingerprint' && !isWholeBits) {
    throw new AppError(
      'INVALID_REQUEST',
      `/radius: expected whole bits from 0 to ${MAX_FINGERPRINT_RADIUS} beside by "fingerprint", got ${radius}`,
    )
  }
  const { spec } = generation
  const hash = requestHash([spec.name, generation.generation, 'duplicates', by, radius])
  const neighbours = neighboursBy(by, radius, generation, signal)
  const from = cursor === null ? null : readWalkCursor(cursor, hash)
  const walked = { neighbours, filter: null, least: 2, limit, after: from, cost }
  const { groups, after } = await walkGroups(collection, walked, signal)
  return {
    groups,
    exact: true,
    complete: after === null,
    cursor: after === null ? null : writeWalkCursor(after, hash),
    ...(by === 'fingerprint' && { without: generation.withoutFingerprint }),
  }
}

function neighboursBy(
  by: DuplicatesRequest['by'],
  radius: number,
  generation: PinnedGeneration,
  signal?: AbortSignal,
): Neighbours {
  const most = MAX_GROUP + 1
  if (by === 'fingerprint') {
    let turn: Promise<unknown> = Promise.resolve()
    return (id) => {
      // They are looked for here: one in a turn of the event loop, so that other requests have theirs.
      turn = turn.then(() => new Promise(setImmediate))
      return turn.then(() => generation.nearFingerprints(id, radius, most))
    }
  }
  return async (id) => {
    const vector = await generation.vector(id)
    // Deleted since the page of ids was read.
    if (vector === null) return []
    const query = { ...NEAREST_IDS, vector, k: most, limit: most, radius }
    const { matches } = await generation.search(query, signal)
    return matches.map((match) => match.id)
  }
}
