import type { ObservedView, ObserveRequest } from '../../collection/identities/observe.ts'
import { MAX_QUERY_EXAMPLES, MAX_QUERY_IMAGES } from '../../collection/requests.ts'
import { parseMetadata } from '../../engine/metadata.ts'
import { IDENTITY_DISTANCES } from '../../engine/query.ts'
import { type ImageSource, imageSource } from '../body/image-source.ts'
import { parseJson } from '../body/json-text.ts'
import { vectorNumbers } from '../body/vector-input.ts'
import { type App, type CallContext, call, clientGone, json } from '../call.ts'
import { createParser, invalidRequest } from '../schema-check.ts'
import * as shared from '../schemas/shared.ts'
import { closed, oneOf, partial, Type } from '../schemas/type.ts'
import { Candidates, Thresholds } from './identify.ts'
import { readSearch } from './search-query.ts'

const Name = Type.String({ minLength: 1, maxLength: 512 })

const ObserveBody = partial(
  {
    images: Type.Array(shared.ImageSource, { minItems: 1, maxItems: MAX_QUERY_IMAGES }),
    vectors: Type.Array(shared.VectorInput, { minItems: 1, maxItems: MAX_QUERY_EXAMPLES }),
    metadata: shared.Metadata,
    camera: Type.Union(shared.IdentityValue.anyOf, {
      description: 'Is kept in the cameraField of the collection.',
    }),
    track: Type.String({
      ...Name,
      description: 'What is of one track, and camera, is one identity. Is kept as `track`.',
    }),
    idempotencyKey: Type.String({
      ...Name,
      description: 'With the same key an observation is stored once, and has the same answer.',
    }),
    distance: oneOf(IDENTITY_DISTANCES, 'As in identify.'),
    thresholds: Thresholds,
  },
  {
    title: 'ObserveRequest',
    description: 'Views of one subject, exactly one of `images`, `vectors` and parts of a form.',
    examples: [{ vectors: [[0.1, 0.2]], camera: 'c1', thresholds: { known: 0.2, unknown: 0.2 } }],
  },
)

const ObserveForm = closed({
  request: Type.Optional(ObserveBody),
  image: shared.files('Views of one subject.'),
})

const ObserveAnswer = closed({
  identity: shared.IdentityValue,
  created: Type.Boolean({ description: 'Whether this observation made the identity.' }),
  decision: oneOf(
    ['known', 'doubtful', 'unknown'],
    '`doubtful`: it was made, and may be one of the candidates.',
  ),
  by: oneOf(['distance', 'track', 'repeat'], 'What decided.'),
  records: Type.Array(Type.String(), { description: 'Ids of its records.' }),
  candidates: Candidates,
})

const parseBody = createParser(ObserveBody)

export function readObserveBody(body: Uint8Array): ObserveRequest<ImageSource> {
  return toRequest(parseJson(body), [])
}

/** @param files images that came beside the JSON, as parts of a form. */
function toRequest(input: unknown, files: readonly Uint8Array[]): ObserveRequest<ImageSource> {
  const { images = [], vectors = [], metadata = {}, ...rest } = parseBody(input)
  const kinds = [images, vectors, files].filter((list) => list.length > 0)
  if (kinds.length !== 1) {
    throw invalidRequest(
      `expected exactly one of images, vectors and image parts, got ${kinds.length} of them`,
    )
  }
  const views: ObservedView<ImageSource>[] = [
    ...files.map((bytes) => ({ kind: 'image', bytes }) as const),
    ...images.map((image, i) => {
      return { kind: 'image', bytes: imageSource(image, `/images/${i}`) } as const
    }),
    ...vectors.map((vector, i) => {
      return { kind: 'vector', vector: vectorNumbers(vector, `/vectors/${i}`) } as const
    }),
  ]
  return { views, metadata: parseMetadata(metadata), ...rest }
}

export function registerObserve(app: App, context: CallContext): void {
  call(app, 'observe', 'POST /v1/collections/:collection/observe', {
    summary: 'Find the identity of what was seen, or make one, and store it, in one step',
    tag: 'images',
    params: shared.CollectionParams,
    body: { 'application/json': ObserveBody, 'multipart/form-data': ObserveForm },
    answers: {
      200: json('Stored with an identity that was there.', ObserveAnswer),
      201: json('Stored with a new identity.', ObserveAnswer),
    },
    problems: [404, 409, 413, 415, 422],
    handler: async (request, reply) => {
      const collection = context.collections.get(request.params.collection)
      const asked = await readSearch(request, context, readObserveBody, toRequest)
      const signal = clientGone(reply)
      const images = asked.views.flatMap((view) => (view.kind === 'image' ? [view.bytes] : []))
      const bytes = (await context.imageReader(reply, signal)(images)).values()
      const views = asked.views.map((view) =>
        view.kind === 'image' ? { kind: view.kind, bytes: bytes.next().value! } : view,
      )
      const answer = await collection.identities.observe({ ...asked, views }, { signal })
      return reply.code(answer.created ? 201 : 200).send(answer)
    },
  })
}
