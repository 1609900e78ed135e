import { compareIds } from '../engine/collection-spec.ts'
import type { EngineCollection } from '../engine/engine.ts'
import type { Filter } from '../engine/filter.ts'
import { mapBounded } from '../scheduling/map-bounded.ts'
import type { Clock } from '../scheduling/timers.ts'
import { DEFAULT_WORK_LIMITS } from './work-limits.ts'

/** Records that a chain of neighbours within the radius connects; in id order. */
export interface NeighbourGroup {
  readonly ids: readonly string[]
  /** False when it has more than MAX_GROUP, of which some are shown. */
  readonly complete: boolean
}

/** What one walk may cost: after it, or this many ids in groups, it ends with the group under way. */
export interface WalkCost {
  /** The records whose neighbours are looked for. */
  readonly neighbourhoods: number
  readonly ms: number
  readonly clock: Clock
}

export const MAX_GROUP = 1000
export const ANY_TIME: WalkCost = {
  neighbourhoods: DEFAULT_WORK_LIMITS.neighbourhoods,
  ms: Number.POSITIVE_INFINITY,
  clock: () => 0,
}
const MAX_IDS = 10_000
const IDS_A_PAGE = 256
const NEIGHBOURHOODS_AT_ONCE = 16

interface WalkOptions {
  readonly neighbours: Neighbours
  /** Null: every record is walked over. Neighbours have to meet it too. */
  readonly filter: Filter | null
  /** The least records of a group. */
  readonly least: number
  /** The most groups. */
  readonly limit: number
  /** The id after which the walk begins; null: at the first. */
  readonly after: string | null
  readonly cost: WalkCost
}

/**
 * Finds groups of neighbours in the order of ids. A record whose group has an earlier id was in an earlier walk or group, so nothing but
 * the last id passes from walk to walk.
 *
 * @returns the groups in the order of their first ids, and the id after which the next walk begins; null at the end.
 */
export async function walkGroups(
  collection: Pick<EngineCollection, 'scroll'>,
  { neighbours, filter, least, limit, cost, ...from }: WalkOptions,
  signal?: AbortSignal,
): Promise<{ readonly groups: readonly NeighbourGroup[]; readonly after: string | null }> {
  const walk = new Walk(neighbours, least, cost, signal)
  let after = from.after
  let more = true
  while (more && walk.groups.length < limit && !walk.exhausted) {
    const page = { after, limit: IDS_A_PAGE, filter, vectors: false, searchable: true }
    const ids = (await collection.scroll(page, signal)).map(({ id }) => id)
    for (let i = 0; i < ids.length; i += NEIGHBOURHOODS_AT_ONCE) {
      if (walk.exhausted || walk.groups.length >= limit) break
      after = await walk.visit(ids.slice(i, i + NEIGHBOURHOODS_AT_ONCE), limit)
    }
    more = ids.length > 0 && (ids.length === IDS_A_PAGE || after !== ids.at(-1))
  }
  return { groups: walk.groups, after: more ? after : null }
}

/**
 * Gives the ids within the radius of a record, itself among them or not; at most one more than a group shows. Calls `again` for
 * each search but the first, which counts as one more record whose neighbours are looked for.
 */
export type Neighbours = (id: string, again: () => void) => Promise<readonly string[]>

class Walk {
  readonly groups: NeighbourGroup[] = []
  readonly #neighbours: Neighbours
  readonly #least: number
  readonly #cost: WalkCost
  readonly #ends: number
  readonly #signal: AbortSignal | undefined
  /** The ids of groups that were shown here or belong to an earlier answer. */
  readonly #settled = new Set<string>()
  #neighbourhoods = 0
  #ids = 0

  constructor(
    neighbours: Neighbours,
    least: number,
    cost: WalkCost,
    signal: AbortSignal | undefined,
  ) {
    this.#neighbours = neighbours
    this.#least = least
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
      if (members !== null && members.size >= this.#least) {
        const shown = [...members].sort(compareIds).slice(0, MAX_GROUP)
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
      if (!isFirst || frontier.length === 0 || members.size > MAX_GROUP) {
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
    const again = () => {
      this.#neighbourhoods++
    }
    const near = (id: string) => this.#neighbours(id, again)
    const lists = await mapBounded(ids, NEIGHBOURHOODS_AT_ONCE, near)
    return new Map(ids.map((id, i) => [id, lists[i]!]))
  }
}
