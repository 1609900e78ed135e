import { compareIds } from '../../engine/collection-spec.ts'
import { readWalkCursor, requestHash, writeWalkCursor } from '../../engine/cursor.ts'
import type { EngineCollection } from '../../engine/engine.ts'
import type { PinnedGeneration } from '../../engine/generation.ts'
import { compareIdentities, type IdentityValue, placeOf } from '../../engine/identity-value.ts'
import { type EngineMatch, MAX_IDENTITY_RECORDS, NEAREST_IDS } from '../../engine/query.ts'
import { type ProbabilityStep, probabilityAt } from '../../evaluation/match-probability.ts'
import { mapBounded } from '../../scheduling/map-bounded.ts'
import { distanceFromSquared, type SpaceKind } from '../../vector/space.ts'
import { squaredEuclidean } from '../../vector/squared-euclidean.ts'
import type { WalkCost } from '../neighbour-groups.ts'
import { type KnownCalibration, validCalibration } from './calibration.ts'
import type { Differences } from './differences.ts'
import { identityFieldOf } from './subject-views.ts'
import { farthestOf, mergeProbability, wrongProbability } from './suggestion-odds.ts'

export interface SuggestionsRequest {
  /** The least probability of what is suggested: more than .5, up to 1. */
  readonly least: number
  /** An answer ends with the identity by which it has as many suggestions. */
  readonly limit: number
  readonly cursor: string | null
}

interface Near {
  readonly id: string
  readonly distance: number
}

export interface SuggestionsAnswer {
  /** Pairs of identities that are probably one, the most probable first. */
  readonly merges: readonly {
    readonly a: IdentityValue
    readonly b: IdentityValue
    readonly probability: number
    /** Their records that are nearest to each other, that of `a` first. */
    readonly pair: readonly [string, string]
    readonly distance: number
  }[]
  /** Records that are probably in the wrong identity, the most probable first. */
  readonly outliers: readonly {
    readonly id: string
    readonly identity: IdentityValue
    readonly probability: number
    /** The nearest record of its own identity. */
    readonly own: Near
    /** The nearest of another; null where there is no other. */
    readonly other: (Near & { readonly identity: IdentityValue }) | null
  }[]
  /** Identities of more records than are compared, of those that were walked over. */
  readonly tooLarge: readonly IdentityValue[]
  readonly complete: boolean
  readonly cursor: string | null
}

interface Parts {
  readonly engine: Pick<EngineCollection, 'identities'>
  readonly generation: PinnedGeneration
  readonly calibration: KnownCalibration
  readonly differences: Differences
  readonly cost: WalkCost
}

interface View {
  readonly id: string
  readonly vector: Float32Array
}

/** Where a walk goes on. */
interface Place {
  /** Of the last identity that was done; null: at the first. */
  readonly after: IdentityValue | null
  /** The identity behind it, where that is done in part, with the number of others that it was compared with. */
  readonly begun: { readonly place: IdentityValue; readonly compared: number } | null
}

const START: Place = { after: null, begun: null }

export const DEFAULT_SUGGESTIONS_LIMIT = 100
export const MAX_SUGGESTIONS_LIMIT = 1000
export const LEAST_PROBABILITY = 0.5
const IDENTITIES_A_PAGE = 64
/** Identities that are looked for near one record, its own among them. */
const IDENTITIES_NEAR = 8
/** Records of each of two identities that are compared, evenly of all: their product is measured here. */
const COMPARED_RECORDS = 32
/** Identities that one is compared with, the nearest first. */
const COMPARED_IDENTITIES = 64
const RECORDS_AT_ONCE = 8

/**
 * Walks over identities in their order, and asks with each record of each who is near. A pair is suggested at the first of both.
 * @throws COLLECTION_WITHOUT_IDENTITIES, CALIBRATION_NOT_FOUND, CALIBRATION_OUTDATED, INVALID_CURSOR.
 */
export async function suggestions(
  { least, limit, cursor }: SuggestionsRequest,
  { cost, ...parts }: Parts,
  signal?: AbortSignal,
): Promise<SuggestionsAnswer> {
  const { engine, generation, calibration } = parts
  const { spec } = generation
  identityFieldOf(spec)
  const { calibratedAt, distances } = validCalibration(calibration, spec.name)
  const asked = ['suggestions', 'place', least, calibratedAt]
  const hash = requestHash([spec.name, generation.generation, ...asked])
  const examiner = new Examiner(parts, distances.nearest.probability, least, signal)
  const from = cursor === null ? null : readWalkCursor(cursor, hash)
  let { after, begun }: Place = from === null ? START : JSON.parse(from)
  const ends = cost.clock() + cost.ms
  const isSpent = () =>
    examiner.searches > 0 && (examiner.searches >= cost.neighbourhoods || cost.clock() >= ends)
  const isFull = () => examiner.found >= limit || isSpent()
  let more = true
  walk: while (more && !isFull()) {
    const page = { after, limit: IDENTITIES_A_PAGE, text: null, filter: null }
    const { identities } = await engine.identities.page(page, signal)
    more = identities.length === IDENTITIES_A_PAGE
    for (const { identity, records } of identities) {
      if (isFull()) {
        more = true
        break
      }
      const place = placeOf(identity)
      const done = begun?.place === place ? begun.compared : 0
      const left = records === 0 ? null : await examiner.examine(identity, done, isSpent)
      begun = left === null ? null : { place, compared: left }
      if (begun !== null) {
        more = true
        break walk
      }
      after = place
    }
  }
  const { merges, outliers, tooLarge } = examiner
  return {
    merges: merges.sort((a, b) => b.probability - a.probability),
    outliers: outliers.sort((a, b) => b.probability - a.probability),
    tooLarge,
    complete: !more,
    cursor: more ? writeWalkCursor(JSON.stringify({ after, begun }), hash) : null,
  }
}

/** Looks at one identity after the other, and keeps what is to be suggested. */
class Examiner {
  readonly merges: SuggestionsAnswer['merges'][number][] = []
  readonly outliers: SuggestionsAnswer['outliers'][number][] = []
  readonly tooLarge: IdentityValue[] = []
  searches = 0
  readonly #parts: Omit<Parts, 'cost' | 'calibration'>
  readonly #steps: readonly ProbabilityStep[]
  readonly #least: number
  /** Beyond it no match is probable enough. */
  readonly #radius: number
  readonly #signal: AbortSignal | undefined

  constructor(
    parts: Omit<Parts, 'cost' | 'calibration'>,
    steps: readonly ProbabilityStep[],
    least: number,
    signal: AbortSignal | undefined,
  ) {
    this.#parts = parts
    this.#steps = steps
    this.#least = least
    this.#radius = farthestOf(steps, least) ?? 0
    this.#signal = signal
  }

  get found(): number {
    return this.merges.length + this.outliers.length
  }

  /**
   * Compares an identity with those near it, but for as many as were compared before, until `isSpent`: at least with one.
   * @returns the number that it is compared with by now, where some are left; null where all is done.
   */
  async examine(
    identity: IdentityValue,
    done: number,
    isSpent: () => boolean,
  ): Promise<number | null> {
    const views = await this.#viewsOf(identity)
    if (views === null) {
      this.tooLarge.push(identity)
      return null
    }
    const near = await mapBounded(views, RECORDS_AT_ONCE, (view) => this.#near(view, this.#radius))
    const closest = new Map<IdentityValue, { pair: readonly [string, string]; distance: number }>()
    for (const [i, view] of views.entries()) {
      const others = near[i]!.filter(({ group }) => group !== identity)
      if (views.length > 1 && done === 0) await this.#judge(identity, view, views, near[i]!)
      for (const { group, id, distance } of others) {
        const known = closest.get(group!)
        if (known !== undefined && known.distance <= distance) continue
        closest.set(group!, { pair: [view.id, id], distance })
      }
    }
    const pairs = [...closest]
      .filter(([other]) => this.#mayBe(identity, other))
      .sort(([a, x], [b, y]) => x.distance - y.distance || compareIdentities(a, b))
      .slice(0, COMPARED_IDENTITIES)
    for (let i = done; i < pairs.length; i++) {
      if (i > done && isSpent()) return i
      const [other, nearest] = pairs[i]!
      await this.#compare(identity, views, other, nearest)
    }
    return null
  }

  /** Whether two may be suggested as one, here at the first of both. */
  #mayBe(a: IdentityValue, b: IdentityValue): boolean {
    return compareIdentities(a, b) < 0 && !this.#parts.differences.has(a, b)
  }

  /** Suggests that a record is in the wrong identity, where that is probable. */
  async #judge(
    identity: IdentityValue,
    view: View,
    views: readonly View[],
    near: readonly EngineMatch[],
  ): Promise<void> {
    // Whose own identity is so near is more probably right than wrong, unless another is near too.
    const isOnly = near.length === 1 && near[0]!.group === identity
    if (isOnly) return
    const own = nearestOf(view, views, this.#parts.generation.spec.metric)
    const isOther = ({ group }: EngineMatch) => group !== identity
    const other = near.find(isOther) ?? (await this.#near(view, null, 2)).find(isOther)
    const a = probabilityAt(this.#steps, own.distance)
    const b = other === undefined ? 0 : probabilityAt(this.#steps, other.distance)
    const probability = wrongProbability(a, b)
    if (!this.#isProbable(probability)) return
    const { id } = view
    const shown = other && { identity: other.group!, id: other.id, distance: other.distance }
    this.outliers.push({ id, identity, probability, own, other: shown ?? null })
  }

  /** At .5 the distances say nothing either way. */
  #isProbable(probability: number): boolean {
    return probability > LEAST_PROBABILITY && probability >= this.#least
  }

  /** Suggests that two identities are one, where that is probable. It costs about what a search does, and counts as one. */
  async #compare(
    a: IdentityValue,
    views: readonly View[],
    b: IdentityValue,
    nearest: { readonly pair: readonly [string, string]; readonly distance: number },
  ): Promise<void> {
    this.#signal?.throwIfAborted()
    this.searches++
    const ids = await this.#idsOf(b)
    const others = ids === null ? [] : await this.#read(evenly(ids))
    if (others.length === 0) return
    const { metric } = this.#parts.generation.spec
    const vectors = (all: readonly View[]) => all.map(({ vector }) => vector)
    const own = vectors(evenly(views))
    const probability = mergeProbability(own, vectors(others), this.#steps, metric)
    if (this.#isProbable(probability)) this.merges.push({ a, b, probability, ...nearest })
  }

  /** Gives the records of an identity with their vectors, in the order of ids; null for too many. */
  async #viewsOf(identity: IdentityValue): Promise<readonly View[] | null> {
    const ids = await this.#idsOf(identity)
    return ids && (await this.#read(ids))
  }

  async #idsOf(identity: IdentityValue): Promise<readonly string[] | null> {
    const most = MAX_IDENTITY_RECORDS
    const { engine } = this.#parts
    const ids = await engine.identities.members(identity, most + 1, this.#signal)
    return ids.length > most ? null : [...ids].sort(compareIds)
  }

  async #read(ids: readonly string[]): Promise<readonly View[]> {
    const views = await mapBounded(ids, RECORDS_AT_ONCE, async (id) => {
      const vector = await this.#parts.generation.vector(id)
      return vector && { id, vector }
    })
    return views.filter((view) => view !== null)
  }

  /** Finds the nearest record of each identity near one record. @param radius null: however far. */
  async #near(
    { id, vector }: View,
    radius: number | null,
    k = IDENTITIES_NEAR,
  ): Promise<readonly EngineMatch[]> {
    this.#signal?.throwIfAborted()
    this.searches++
    const { generation } = this.#parts
    const groupBy = identityFieldOf(generation.spec)
    const query = { ...NEAREST_IDS, vector, k, limit: k, radius, groupBy, without: [id] }
    const { matches } = await generation.search(query, this.#signal)
    return matches
  }
}

function nearestOf(view: View, views: readonly View[], space: SpaceKind): Near {
  let least = { id: view.id, squared: Number.POSITIVE_INFINITY }
  for (const other of views) {
    if (other === view) continue
    const squared = squaredEuclidean(view.vector, other.vector)
    if (squared < least.squared) least = { id: other.id, squared }
  }
  return { id: least.id, distance: distanceFromSquared(space, least.squared) }
}

function evenly<Item>(items: readonly Item[]): readonly Item[] {
  const count = Math.min(items.length, COMPARED_RECORDS)
  return Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)]!)
}
