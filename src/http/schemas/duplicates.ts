import { MAX_DUPLICATE_GROUP, MAX_DUPLICATES_LIMIT } from '../../collection/duplicates.ts'
import { closed, oneOf, Type } from './parts.ts'

export const DuplicatesBody = closed(
  {
    by: oneOf(
      ['fingerprint', 'embedding'],
      'What to compare: the same picture, or pictures that look alike.',
    ),
    radius: Type.Number({
      minimum: 0,
      description:
        'Inclusive: bits, whole, at most 16; or a distance in the unit of the collection.',
    }),
    limit: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MAX_DUPLICATES_LIMIT,
        description: 'Groups in one answer.',
      }),
    ),
    cursor: Type.Optional(Type.Union([Type.String({ maxLength: 4096 }), Type.Null()])),
  },
  { examples: [{ by: 'fingerprint', radius: 4 }] },
)

export const DuplicatesAnswerSchema = closed({
  groups: Type.Array(
    closed({
      ids: Type.Array(Type.String(), { description: 'In id order.' }),
      complete: Type.Boolean({
        description: `False when the group has more than ${MAX_DUPLICATE_GROUP} records, of which some are shown.`,
      }),
    }),
    { description: 'Of two or more, in the order of their first ids.' },
  ),
  exact: Type.Boolean(),
  complete: Type.Boolean({ description: 'False when `cursor` goes on.' }),
  cursor: Type.Union([Type.String(), Type.Null()]),
  without: Type.Optional(
    Type.Integer({
      description: 'By fingerprint: records that have none, and so are in no group.',
    }),
  ),
})
