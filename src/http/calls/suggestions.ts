import {
  DEFAULT_SUGGESTIONS_LIMIT,
  LEAST_PROBABILITY,
  MAX_SUGGESTIONS_LIMIT,
  type SuggestionsRequest,
} from '../../collection/identities/suggestions.ts'
import { MAX_IDENTITY_RECORDS } from '../../engine/query.ts'
import { parseJson } from '../body/json-text.ts'
import { type App, type CallContext, call, json } from '../call.ts'
import { createParser } from '../schema-check.ts'
import * as shared from '../schemas/shared.ts'
import { closed, orNull, partial, Type, upTo } from '../schemas/type.ts'

const SuggestionsBody = partial(
  {
    probability: Type.Number({
      minimum: LEAST_PROBABILITY,
      maximum: 1,
      description: 'Of what is suggested, at least; unless given more than .5.',
    }),
    limit: upTo(MAX_SUGGESTIONS_LIMIT, 'Suggestions in one answer, about.'),
    cursor: shared.Cursor,
  },
  { examples: [{ probability: 0.8 }] },
)

const near = { id: Type.String(), distance: Type.Number() }
const Probability = Type.Number({ description: 'For who expected either alike.' })

const SuggestionsAnswer = closed({
  merges: Type.Array(
    closed({
      a: shared.IdentityValue,
      b: shared.IdentityValue,
      probability: Probability,
      pair: Type.Array(Type.String(), {
        minItems: 2,
        maxItems: 2,
        description: 'Their records that are nearest to each other, that of `a` first.',
      }),
      distance: Type.Number({ description: 'Of the pair.' }),
    }),
    { description: 'Identities that are probably one, the most probable first.' },
  ),
  outliers: Type.Array(
    closed({
      id: Type.String(),
      identity: shared.IdentityValue,
      probability: Probability,
      own: closed(near, { description: 'The nearest record of its own identity.' }),
      other: orNull(closed({ identity: shared.IdentityValue, ...near }), {
        description: 'The nearest record of another.',
      }),
    }),
    { description: 'Records that are probably in the wrong identity, the most probable first.' },
  ),
  tooLarge: Type.Array(shared.IdentityValue, {
    description: `Identities of more than ${MAX_IDENTITY_RECORDS} records, which were not looked at.`,
  }),
  complete: Type.Boolean({ description: 'False when `cursor` gives more.' }),
  cursor: orNull(Type.String()),
})

const parseBody = createParser(SuggestionsBody)

export function readSuggestionsBody(body: Uint8Array): SuggestionsRequest {
  const input = parseBody(body.byteLength === 0 ? {} : parseJson(body))
  const { probability = LEAST_PROBABILITY, limit = DEFAULT_SUGGESTIONS_LIMIT } = input
  return { least: probability, limit, cursor: input.cursor ?? null }
}

export function registerSuggestions(app: App, context: CallContext): void {
  call(app, 'suggestions', 'POST /v1/collections/:collection/identities/suggestions', {
    scope: 'read',
    summary: 'Identities that are probably one, and records that are probably in the wrong one',
    tag: 'search',
    params: shared.CollectionParams,
    body: { 'application/json': SuggestionsBody },
    answers: { 200: json('What to look at, with the pictures that say so.', SuggestionsAnswer) },
    problems: [404, 409, 413, 415],
    handler: async (request, reply) => {
      const { review } = context.collections.get(request.params.collection).identities
      const wanted = await context.readJson(request, readSuggestionsBody)
      return await context.longWork(reply, (signal) => review.suggestions(wanted, { signal }))
    },
  })
}
