import { closed, Type } from './parts.ts'

const MAX_SEED = 2 ** 32 - 1
export const DEFAULT_SEED = 1

export const StatisticsQuery = closed({
  radius: Type.Optional(
    Type.Number({ minimum: 0, description: 'How many hits to expect within this distance.' }),
  ),
  count: Type.Optional(
    Type.Integer({ minimum: 1, description: 'The radius in which to expect so many hits.' }),
  ),
  seed: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: MAX_SEED,
      default: DEFAULT_SEED,
      description: 'Of the sample; another one shows how far the sample matters.',
    }),
  ),
})

const NumberOrNull = Type.Union([Type.Number(), Type.Null()])

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
    distanceError: Type.Union([Type.Number(), Type.Null()], {
      description: "Mean of d / d' - 1 over the places of the answers, d' the exact distance.",
    }),
    positionError: Type.Number({
      description: 'Mean of the places by which a record stands too early, divided by the records.',
    }),
  },
  { description: 'Approximate answers next to exact ones; null where all are exact.' },
)

export const StatisticsSchema = closed({
  count: Type.Integer({ description: 'Records.' }),
  sample: closed({
    seed: Type.Integer(),
    records: Type.Integer({ description: 'Records drawn.' }),
    queries: Type.Integer({ description: 'Of these, compared with all others and searched with.' }),
    pairs: Type.Integer({ description: 'Distances compared.' }),
    neighbours: Type.Integer({ description: 'Nearest neighbours found for each query.' }),
  }),
  distances: Type.Union([DistancesSchema, Type.Null()]),
  intrinsicDimension: closed({
    rho: Type.Union([Type.Number(), Type.Null()], {
      description: 'Mean^2 / (2 variance) of the Euclidean distances of the pairs.',
    }),
    lid: Type.Union([Type.Number(), Type.Null()], {
      description: 'Local intrinsic dimensionality by maximum likelihood.',
    }),
  }),
  expectedHits: Type.Optional(closed({ radius: Type.Number(), hits: NumberOrNull })),
  expectedRadius: Type.Optional(closed({ count: Type.Integer(), radius: NumberOrNull })),
  cost: Type.Union([CostSchema, Type.Null()]),
  approximation: Type.Union([ApproximationSchema, Type.Null()]),
})
