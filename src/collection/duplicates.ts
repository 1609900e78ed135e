import { compareIds } from '../engine/collection-spec.ts'
import { readWalkCursor, requestHash, writeWalkCursor } from '../engine/cursor.ts'
import type { EngineCollection } from '../engine/engine.ts'
import type { PinnedGeneration } from '../engine/generation.ts'
import { NEAREST_IDS } from '../engine/query.ts'
import { AppError } from '../errors.ts'
import { MAX_FINGERPRINT_RADIUS } from '../index/hamming/fingerprint-index.ts'
import { mapBounded } from '../scheduling/map-bounded.ts'
import type { Clock } from '../scheduling/timers.ts'
import { DEFAULT_WORK_LIMITS } from './work-limits.ts'

export interface DuplicatesRequest {
  readonly by: 'fingerprint' | 'embedding'
  /** Inclusive: bits, whole, at most 16; or a distance in the unit of the collection. */
  readonly radius: number
  /** The most groups of one answer. */
  readonly limit: number
  readonly cursor: string | null
}

/** Two or more records that a chain of neighbours within the radius connects; in id order. */
interface DuplicateGroup {
  readonly ids: readonly string[]
  /** False when it has more than MAX_DUPLICATE_GROUP, of which some are shown. */
  readonly complete: boolean
}

export interface DuplicatesAnswer {
  /** In the order of their first ids. */
  readonly groups: readonly DuplicateGroup[]
  readonly exact: boolean
  /** False when there may be more groups, which begin at `cursor`. */
  readonly complete: boolean
  readonly cursor: string | null
  /** By fingerprint: the number of records that have none, and so are in no group. */
  readonly without?: number
}

export const MAX_DUPLICATE_GROUP = 1000
export const MAX_DUPLICATES_LIMIT = 1000
export const DEFAULT_DUPLICATES_LIMIT = 100

/** What one answer may cost: after it, or this many ids in groups, it ends with the group under way. */
interface AnswerCost {
  /** The records whose neighbours are looked for. */
  readonly neighbourhoods: number
  readonly ms: number
  readonly clock: Clock
}

const ANY_TIME: AnswerCost = {
  neighbourhoods: DEFAULT_WORK_LIMITS.neighbourhoods,
  ms: Number.POSITIVE_INFINITY,
  clock: () => 0,
}
const MAX_IDS = 10_000
const IDS_A_PAGE = 256
const NEIGHBOURHOODS_AT_ONCE = 16

/**
 * Finds groups of duplicates in the order of ids. A record whose group has an earlier id was in an earlier answer or
 * group, so nothing but the last id passes from page to page.
 * @throws INVALID_REQUEST, INVALID_CURSOR, and what `signal` aborts with.
 */
export async function duplicates(
  request: DuplicatesRequest,
  collection: Pick<EngineCollection, 'scroll'>,
  generation: PinnedGeneration,
  cost: AnswerCost = ANY_TIME,
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
  const walk = new Walk(neighboursBy(by, radius, generation, signal), cost, signal)
  let after = cursor === null ? null : readWalkCursor(cursor, hash)
  let more = true
  while (more && walk.groups.length < limit && !walk.exhausted) {
    const page = { after, limit: IDS_A_PAGE, filter: null, vectors: false, searchable: true }
    const ids = (await collection.scroll(page, signal)).map(({ id }) => id)
    for (let i = 0; i < ids.length; i += NEIGHBOURHOODS_AT_ONCE) {
      if (walk.exhausted || walk.groups.length >= limit) break
      after = await walk.visit(ids.slice(i, i + NEIGHBOURHOODS_AT_ONCE), limit)
    }
    more = ids.length > 0 && (ids.length === IDS_A_PAGE || after !== ids.at(-1))
  }
  return {
    groups: walk.groups,
    exact: true,
    complete: !more,
    cursor: more && after !== null ? writeWalkCursor(after, hash) : null,
    ...(by === 'fingerprint' && { without: generation.withoutFingerprint }),
  }
}

/** Gives the ids within the radius of a record, itself among them or not; at most one more than a group shows. */
type Neighbours = (id: string) => Promise<readonly string[]>

class Walk {
  readonly groups: DuplicateGroup[] = []
  readonly #neighbours: Neighbours
  readonly #cost: AnswerCost
  readonly #ends: number
  readonly #signal: AbortSignal | undefined
  /** The ids of groups that were shown here or belong to an earlier answer. */
  readonly #settled = new Set<string>()
  #neighbourhoods = 0
  #ids = 0

  constructor(neighbours: Neighbours, cost: AnswerCost, signal: AbortSignal | undefined) {
    this.#neighbours = neighbours
    this.#cost = cost
    this.#ends = cost.clock() + cost.ms
    this.#signal = signal
  }

  get exhausted(): boolean {
    const { neighbourhoods, clock } = this.#cost
    if (this.#neighbourhoods >= neighbourhoods || this.#ids >= MAX_IDS) return true
    return this.#neighbourhoods > 0 && clock() >= this.#ends
  }

  /** Visits these ids, up to the one that fills the answer. @returns the last it visited. */
  async visit(ids: readonly string[], limit: number): Promise<string> {
    const lists = await this.#neighbourhoodsOf(ids.filter((id) => !this.#settled.has(id)))
    for (const id of ids) {
      const near = lists.get(id)
      if (near === undefined || this.#settled.has(id)) continue
      const members = await this.#grow(id, near)
      if (members !== null && members.size > 1) {
        const shown = [...members].sort(compareIds).slice(0, MAX_DUPLICATE_GROUP)
        this.groups.push({ ids: shown, complete: shown.length === members.size })
        this.#ids += shown.length
      }
      if (this.groups.length === limit || this.exhausted) return id
    }
    return ids.at(-1)!
  }

  /** Finds the group of a record, or the part of it that is too large to show; null when `first` is not its first. */
  async #grow(first: string, near: readonly string[]): Promise<ReadonlySet<string> | null> {
    const members = new Set([first])
    let found: readonly string[] = near
    let frontier: string[] = []
    for (;;) {
      let isFirst = true
      for (const id of found) {
        // A settled one was left out of a group too large to show.
        if (compareIds(id, first) < 0 || this.#settled.has(id)) isFirst = false
        if (!members.has(id)) frontier.push(id)
        members.add(id)
      }
      if (!isFirst || frontier.length === 0 || members.size > MAX_DUPLICATE_GROUP) {
        for (const id of members) this.#settled.add(id)
        return isFirst ? members : null
      }
      const next = frontier.slice(0, NEIGHBOURHOODS_AT_ONCE)
      frontier = frontier.slice(NEIGHBOURHOODS_AT_ONCE)
      found = [...(await this.#neighbourhoodsOf(next)).values()].flat()
    }
  }

  async #neighbourhoodsOf(ids: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
    this.#signal?.throwIfAborted()
    this.#neighbourhoods += ids.length
    const lists = await mapBounded(ids, NEIGHBOURHOODS_AT_ONCE, this.#neighbours)
    return new Map(ids.map((id, i) => [id, lists[i]!]))
  }
}

function neighboursBy(
  by: DuplicatesRequest['by'],
  radius: number,
  generation: PinnedGeneration,
  signal?: AbortSignal,
): Neighbours {
  const most = MAX_DUPLICATE_GROUP + 1
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
