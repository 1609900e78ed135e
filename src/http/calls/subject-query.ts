import type { Static } from 'typebox'
import type { IdentitySet } from '../../collection/identities/subject-views.ts'
import { MAX_QUERY_EXAMPLES, MAX_QUERY_IMAGES } from '../../collection/requests.ts'
import { checkId } from '../../engine/collection-spec.ts'
import { type ImageReader, type ImageSource, imageSource } from '../body/image-source.ts'
import { vectorNumbers } from '../body/vector-input.ts'
import { invalidRequest } from '../schema-check.ts'
import * as shared from '../schemas/shared.ts'
import { oneOf, partial, Type } from '../schemas/type.ts'
import { examplesWithBytes } from './search-query.ts'

const KINDS = 'identity, image, images, id, ids, vector, vectors'

/** A subject to search by: some views of it, or an identity that is stored. */
export const SubjectSchema = partial(
  {
    identity: shared.IdentityValue,
    image: shared.ImageSource,
    images: Type.Array(shared.ImageSource, { minItems: 1, maxItems: MAX_QUERY_IMAGES }),
    id: Type.String({ description: 'A record.' }),
    ids: Type.Array(Type.String(), {
      minItems: 1,
      maxItems: MAX_QUERY_EXAMPLES,
      description: 'Records.',
    }),
    vector: shared.VectorInput,
    vectors: Type.Array(shared.VectorInput, { minItems: 1, maxItems: MAX_QUERY_EXAMPLES }),
  },
  {
    description:
      'Views of one subject, exactly one of `identity` (its records; it is left out of the answer), `image`, `images`, `id`, `ids`, `vector` and `vectors`.',
    title: 'SubjectQuery',
    oneMemberOf: [
      ...[['identity'], ['image'], ['images'], ['id'], ['ids']],
      ...[['vector'], ['vectors']],
    ],
    examples: [{ identity: 'alice' }],
  },
)

export const ThresholdSource = oneOf(
  ['request', 'calibration', 'outdated', 'none'],
  'Where it comes from. `outdated`: nowhere, since the calibration is of another model.',
)

/**
 * @param files images that came beside the JSON, as parts of a form.
 * @param at a JSON pointer to the subject.
 */
export function toSubject(
  subject: Static<typeof SubjectSchema>,
  files: readonly Uint8Array[],
  at: string,
): IdentitySet<ImageSource> {
  const given = [...Object.keys(subject), ...(files.length > 0 ? ['image parts'] : [])]
  if (given.length !== 1) {
    const got = given.join(' and ') || 'none'
    throw invalidRequest(`${at}: expected exactly one of ${KINDS} and image parts, got ${got}`)
  }
  const { identity, image, images = [], id, ids = [], vector, vectors = [] } = subject
  if (identity !== undefined) return { kind: 'identity', identity }
  const toImage = (source: Static<typeof shared.ImageSource>, path: string) => {
    return { kind: 'image', bytes: imageSource(source, path) } as const
  }
  const toVector = (input: Static<typeof shared.VectorInput>, path: string) => {
    return { kind: 'vector', vector: vectorNumbers(input, path) } as const
  }
  const examples = [
    ...files.map((bytes) => ({ kind: 'image', bytes }) as const),
    ...(image === undefined ? [] : [toImage(image, `${at}/image`)]),
    ...images.map((source, i) => toImage(source, `${at}/images/${i}`)),
    ...[...(id === undefined ? [] : [id]), ...ids].map((one) => {
      return { kind: 'id', id: checkId(one) } as const
    }),
    ...(vector === undefined ? [] : [toVector(vector, `${at}/vector`)]),
    ...vectors.map((input, i) => toVector(input, `${at}/vectors/${i}`)),
  ]
  return { kind: 'examples', examples }
}

/** Gives subjects with the bytes of all their images, for which `readImages` is called once. */
export async function withSubjectBytes(
  subjects: readonly IdentitySet<ImageSource>[],
  readImages: ImageReader,
): Promise<IdentitySet[]> {
  const all = subjects.flatMap((one) => (one.kind === 'examples' ? one.examples : []))
  const examples = await examplesWithBytes(all, readImages)
  let at = 0
  return subjects.map((one) => {
    if (one.kind === 'identity') return one
    const from = at
    at += one.examples.length
    return { kind: 'examples', examples: examples.slice(from, at) }
  })
}
