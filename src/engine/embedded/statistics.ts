import { type AnswerError, answerError } from '../../index/statistics/answer-error.ts'
import { chavezDimension, summariseDistances } from '../../index/statistics/distance-summary.ts'
import { HitEstimate } from '../../index/statistics/hit-estimate.ts'
import { localDimension } from '../../index/statistics/local-dimension.ts'
import { mapBounded } from '../../scheduling/map-bounded.ts'
import { nextTurn } from '../../scheduling/next-turn.ts'
import { seededRandom } from '../../vector/random.ts'
import { distanceFromSquared, type SpaceKind } from '../../vector/space.ts'
import { squaredEuclidean } from '../../vector/squared-euclidean.ts'
import type { CollectionSpec } from '../collection-spec.ts'
import type { Position } from '../cursor.ts'
import type { SampledVector } from '../generation.ts'
import { type EngineAnswer, type EngineQuery, NEAREST_IDS } from '../query.ts'
import {
  type CollectionStatistics,
  DEFAULT_STATISTICS_RECORDS,
  type StatisticsRequest,
} from '../statistics.ts'
import type { GenerationRows } from './rows/generation-rows.ts'

interface Generation {
  readonly spec: CollectionSpec
  readonly rows: Pick<GenerationRows, 'count' | 'sample'>
  search(query: EngineQuery, signal?: AbortSignal): Promise<EngineAnswer>
}

/** Components of the sampled vectors together: 16 MiB. */
const MAX_COMPONENTS = 4_194_304
/** The records of the sample for each that is searched with. */
const RECORDS_A_QUERY = 5
const MAX_NEIGHBOURS = 100
/** Exact hits within the radius of an approximate answer that are compared with it. */
const MAX_COMPARED = 10_000
/** The k of the approximate answers that are judged. */
const JUDGED_K = 10
const SEARCHES_AT_ONCE = 16
/** Vector components compared before other work gets its turn: 2 to 3 ms. */
const COMPONENTS_A_TURN = 2_000_000

export async function statistics(
  { radius, count, seed, records: most = DEFAULT_STATISTICS_RECORDS }: StatisticsRequest,
  generation: Generation,
  signal?: AbortSignal,
): Promise<CollectionStatistics> {
  const { spec } = generation
  const wanted = Math.min(most, Math.floor(MAX_COMPONENTS / spec.dimensions))
  const records = generation.rows.count
  const drawn = await generation.rows.sample(wanted, seededRandom(seed))
  const queries = drawn.slice(0, Math.max(1, Math.floor(most / RECORDS_A_QUERY)))
  const others = Math.max(0, records - 1)
  const neighbours = Math.min(others, MAX_NEIGHBOURS)
  const compared = neighbours === 0 ? [] : queries
  const answers = await mapBounded(compared, SEARCHES_AT_ONCE, (query) => {
    return generation.search(nearestOthers(query, neighbours), signal)
  })
  const sampled = await pairDistances(queries, drawn, spec.metric, signal)
  const pairs = Float64Array.from(sampled.flatMap((distances) => [...distances])).sort()
  const nearest = answers.map(({ matches }) => {
    return Float64Array.from(matches, ({ distance }) => distance)
  })
  const objects = nearest.map((distances, i) => ({ nearest: distances, sampled: sampled[i]! }))
  const estimate = objects.length === 0 ? null : new HitEstimate(objects, others)
  const metric = (distances: Float64Array) => distances.map((d) => euclidean(spec.metric, d))
  return {
    count: records,
    sample: {
      seed,
      records: drawn.length,
      queries: queries.length,
      pairs: pairs.length,
      neighbours,
    },
    distances: pairs.length === 0 ? null : summariseDistances(pairs),
    intrinsicDimension: {
      rho: pairs.length === 0 ? null : chavezDimension(metric(pairs)),
      lid: localDimension(nearest.map(metric)),
    },
    ...(radius !== null && { expectedHits: { radius, hits: estimate?.hits(radius) ?? null } }),
    ...(count !== null && { expectedRadius: { count, radius: estimate?.radius(count) ?? null } }),
    cost: meanCost(answers, neighbours),
    approximation: await approximation(queries, answers, generation, signal),
  }
}

function nearestOthers({ id, vector }: SampledVector, k: number): EngineQuery {
  return { ...NEAREST_IDS, vector, k, limit: k, without: [id] }
}

/** Measures by how much approximate answers to the queries are off the exact ones; null where none is approximate. */
async function approximation(
  queries: readonly SampledVector[],
  exact: readonly EngineAnswer[],
  generation: Generation,
  signal?: AbortSignal,
): Promise<CollectionStatistics['approximation']> {
  const { metric } = generation.spec
  const places = exact.map((_, i) => i)
  const all = await mapBounded(places, SEARCHES_AT_ONCE, async (i): Promise<AnswerError | null> => {
    const query = nearestOthers(queries[i]!, JUDGED_K)
    const answer = await generation.search({ ...query, accuracy: 'approximate' }, signal)
    const radius = answer.matches.at(-1)?.distance
    if (answer.exact || radius === undefined) return null
    const known = exact[i]!.matches
    const reaches = known.at(-1)!.distance > radius
    const within = { ...query, k: MAX_COMPARED, limit: MAX_COMPARED, radius }
    const matches = reaches ? known : (await generation.search(within, signal)).matches
    const byMetric = (found: readonly Position[]) =>
      found.map(({ id, distance }) => ({ id, distance: euclidean(metric, distance) }))
    return answerError(byMetric(answer.matches), byMetric(matches), generation.rows.count - 1)
  })
  const errors = all.filter((error) => error !== null)
  if (errors.length === 0) return null
  const distances = errors.map(({ distance }) => distance).filter((error) => error !== null)
  return {
    k: JUDGED_K,
    queries: errors.length,
    distanceError: distances.length === 0 ? null : mean(distances),
    positionError: mean(errors.map(({ position }) => position)),
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Computes the published distances from each query to the others of the sample, ascending; a few ms at a time. */
async function pairDistances(
  queries: readonly SampledVector[],
  drawn: readonly SampledVector[],
  metric: SpaceKind,
  signal?: AbortSignal,
): Promise<readonly Float64Array[]> {
  const lists: Float64Array[] = []
  let turn = 0
  for (const query of queries) {
    const distances: number[] = []
    for (const other of drawn) {
      if (other.id === query.id) continue
      turn += query.vector.length
      if (turn > COMPONENTS_A_TURN) {
        turn = 0
        await nextTurn(signal)
      }
      const squared = squaredEuclidean(query.vector, other.vector)
      distances.push(distanceFromSquared(metric, squared))
    }
    lists.push(Float64Array.from(distances).sort())
  }
  return lists
}

/** Gives a published distance as the metric behind it: on unit vectors |q - x|^2 = 2 (1 - cos). */
function euclidean(metric: SpaceKind, distance: number): number {
  return metric === 'cosine' ? Math.sqrt(2 * distance) : distance
}

function meanCost(answers: readonly EngineAnswer[], k: number): CollectionStatistics['cost'] {
  const plans = answers.map(({ explain }) => explain)
  const first = plans[0]
  if (first === undefined) return null
  const levels = first.levels.map(({ name }) => {
    const candidates = plans.map(
      (plan) => plan.levels.find((level) => level.name === name)?.candidates ?? 0,
    )
    return { name, candidates: mean(candidates) }
  })
  const distances = mean(plans.map((plan) => plan.distances))
  return { k, plan: first.plan, levels, distances }
}
