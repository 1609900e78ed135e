import { setImmediate as nextTurn } from 'node:timers/promises'
import type { VectorInput } from '../../collection/service.ts'
import type { Metadata } from '../../engine/metadata.ts'
import type { App } from '../app.ts'
import type { PointColumns } from '../body/vectors-body.ts'
import { sendWithList } from '../json-answer.ts'
import { answers, body, json } from '../schemas/answers.ts'
import { CollectionParams, NoQuery } from '../schemas/parts.ts'
import { AddVectorsAnswer, VectorsBody } from '../schemas/record.ts'
import type { RouteParts } from './route-parts.ts'
import { rawBody } from './route-parts.ts'

const METADATA_LENGTH_A_TURN = 512 * 1024

export function registerVectorRoutes(app: App, { collections, bodies }: RouteParts): void {
  app.post('/v1/collections/:collection/vectors', {
    config: { media: ['application/json'] },
    schema: {
      operationId: 'addVectors',
      summary:
        'Add or replace records that were embedded elsewhere; all are checked before the first is stored',
      tags: ['images'],
      params: CollectionParams,
      querystring: NoQuery,
      body: body({ 'application/json': VectorsBody }),
      response: answers(
        { 200: json('What became of each point, in order.', AddVectorsAnswer) },
        [400, 404, 413, 415],
      ),
    },
    handler: async (request, reply) => {
      const collection = collections.get(request.params.collection)
      const columns = await bodies.read('vectors', rawBody(request))
      const results = await collection.addVectors(await toPoints(columns))
      return sendWithList(reply, 'results', results, {})
    },
  })
}

async function toPoints(columns: PointColumns): Promise<readonly VectorInput[]> {
  const points: VectorInput[] = []
  let at = 0
  let parsed = 0
  for (let i = 0; i < columns.ids.length; i++) {
    const text = columns.metadata[i] ?? null
    parsed += text?.length ?? 0
    if (parsed > METADATA_LENGTH_A_TURN) {
      await nextTurn()
      parsed = 0
    }
    const end = at + columns.lengths[i]!
    points.push({
      id: columns.ids[i]!,
      vector: columns.numbers.subarray(at, end),
      metadata: text === null ? {} : (JSON.parse(text) as Metadata),
    })
    at = end
  }
  return points
}
