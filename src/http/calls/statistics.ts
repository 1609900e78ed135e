import { type App, type CallContext, call, json } from '../call.ts'
import * as shared from '../schemas/shared.ts'
import { closed, orNull, partial, Type } from '../schemas/type.ts'

const DEFAULT_SEED = 1

const StatisticsQuery = partial({
  radius: Type.Number({ minimum: 0, description: 'How many hits to expect within this distance.' }),
  count: Type.Integer({ minimum: 1, description: 'The radius in which to expect so many hits.' }),
  seed: Type.Integer({
    minimum: 0,
    maximum: 2 ** 32 - 1,
    default: DEFAULT_SEED,
    description: 'Of the sample; another one shows how far the sample matters.',
  }),
})

const DistancesSchema = closed(
  {
    mean: Type.Number(),
    standardDeviation: Type.Number(),
    quantiles: Type.Array(closed({ share: Type.Number(), distance: Type.Number() })),
    histogram: Type.Array(
      closed({ from: Type.Number(), to: Type.Number(), share: Type.Number() }),
      { description: 'Bins of equal width from the least to the greatest distance.' },
    ),
  },
  { description: 'Published distances of the sampled pairs.' },
)

const CostSchema = closed(
  {
    k: Type.Integer(),
    plan: Type.String(),
    levels: Type.Array(closed({ name: Type.String(), candidates: Type.Number() })),
    distances: Type.Number({ description: 'Distances computed in full.' }),
  },
  { description: 'Of the searches of this sample, on average.' },
)

const ApproximationSchema = closed(
  {
    k: Type.Integer(),
    queries: Type.Integer({ description: 'Of the sample, those answered approximately.' }),
    distanceError: orNull(Type.Number(), {
      description: "Mean of d / d' - 1 over the places of the answers, d' the exact distance.",
    }),
    positionError: Type.Number({
      description: 'Mean of the places by which a record stands too early, divided by the records.',
    }),
  },
  { description: 'Approximate answers next to exact ones; null where all are exact.' },
)

const StatisticsAnswer = closed({
  count: Type.Integer({ description: 'Records.' }),
  sample: closed({
    seed: Type.Integer(),
    records: Type.Integer({ description: 'Records drawn.' }),
    queries: Type.Integer({ description: 'Of these, compared with all others and searched with.' }),
    pairs: Type.Integer({ description: 'Distances compared.' }),
    neighbours: Type.Integer({ description: 'Nearest neighbours found for each query.' }),
  }),
  distances: orNull(DistancesSchema),
  intrinsicDimension: closed({
    rho: orNull(Type.Number(), {
      description: 'Mean^2 / (2 variance) of the Euclidean distances of the pairs.',
    }),
    lid: orNull(Type.Number(), {
      description: 'Local intrinsic dimensionality by maximum likelihood.',
    }),
  }),
  expectedHits: Type.Optional(closed({ radius: Type.Number(), hits: orNull(Type.Number()) })),
  expectedRadius: Type.Optional(closed({ count: Type.Integer(), radius: orNull(Type.Number()) })),
  cost: orNull(CostSchema),
  approximation: orNull(ApproximationSchema),
})

export function registerStatistics(app: App, { collections, longWork }: CallContext): void {
  call(app, 'collectionStatistics', 'GET /v1/collections/:collection/statistics', {
    scope: 'read',
    summary: 'Distances, intrinsic dimension and expected cost, from a sample',
    tag: 'collections',
    params: shared.CollectionParams,
    query: StatisticsQuery,
    answers: { 200: json('What the sample shows.', StatisticsAnswer) },
    problems: [404],
    handler: (request, reply) => {
      const { radius = null, count = null, seed = DEFAULT_SEED } = request.query
      const collection = collections.get(request.params.collection)
      const wanted = { radius, count, seed }
      return longWork(reply, (signal) => collection.statistics(wanted, { signal }))
    },
  })
}
