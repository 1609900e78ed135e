import type { App } from '../app.ts'
import { clientGone } from '../client-gone.ts'
import { answers, json } from '../schemas/answers.ts'
import { CollectionParams } from '../schemas/parts.ts'
import { DEFAULT_SEED, StatisticsQuery, StatisticsSchema } from '../schemas/statistics.ts'
import type { RouteParts } from './route-parts.ts'

export function registerStatisticsRoute(app: App, { collections }: RouteParts): void {
  app.get('/v1/collections/:collection/statistics', {
    config: { scope: 'read' },
    schema: {
      operationId: 'collectionStatistics',
      summary: 'Distances, intrinsic dimension and expected cost, from a sample',
      tags: ['collections'],
      params: CollectionParams,
      querystring: StatisticsQuery,
      response: answers({ 200: json('What the sample shows.', StatisticsSchema) }, [400, 404]),
    },
    handler: (request, reply) => {
      const { radius = null, count = null, seed = DEFAULT_SEED } = request.query
      const collection = collections.get(request.params.collection)
      return collection.statistics({ radius, count, seed }, { signal: clientGone(reply) })
    },
  })
}
