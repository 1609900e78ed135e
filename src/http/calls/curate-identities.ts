import type { FastifyReply, FastifyRequest } from 'fastify'
import type {
  Curation,
  CurationAnswer,
  CurationOptions,
} from '../../collection/identities/curation.ts'
import { MAX_CHANGED_RECORDS } from '../../collection/identities/curation-plan.ts'
import { MAX_MERGED, type MergeRequest } from '../../collection/identities/plan-moves.ts'
import type { AssignRequest, SplitRequest } from '../../collection/identities/plan-records.ts'
import { checkId } from '../../engine/collection-spec.ts'
import type { IdentityValue } from '../../engine/identity-value.ts'
import { createJsonParser } from '../body/json-text.ts'
import { type App, type CallContext, call, json } from '../call.ts'
import type { LongWork } from '../long-work.ts'
import * as shared from '../schemas/shared.ts'
import { closed, orNull, Type } from '../schemas/type.ts'

const RecordIds = Type.Array(Type.String(), {
  minItems: 1,
  maxItems: MAX_CHANGED_RECORDS,
  description: 'Records, each once.',
})

const MergeBody = closed(
  {
    into: shared.IdentityValue,
    from: Type.Array(shared.IdentityValue, {
      minItems: 1,
      maxItems: MAX_MERGED,
      description: 'Identities that become `into`, and are no more.',
    }),
  },
  { title: 'MergeRequest', examples: [{ into: 'alice', from: ['observed-7-0'] }] },
)

const SplitBody = closed(
  {
    identity: shared.IdentityValue,
    ids: RecordIds,
    to: Type.Union(shared.IdentityValue.anyOf, {
      description: 'The new identity that they become. The two are then said to differ.',
    }),
  },
  { title: 'SplitRequest', examples: [{ identity: 'alice', ids: ['alice/3.jpg'], to: 'zoe' }] },
)

const AssignBody = closed(
  {
    ids: RecordIds,
    identity: orNull(Type.Union(shared.IdentityValue.anyOf), {
      description: 'What they become, new or not; null: nobody.',
    }),
  },
  { title: 'AssignRequest', examples: [{ ids: ['c1/17.jpg'], identity: 'alice' }] },
)

const DifferBody = closed(
  { a: shared.IdentityValue, b: shared.IdentityValue },
  { title: 'DifferRequest', examples: [{ a: 'alice', b: 'bob' }] },
)

export const CurationAnswerSchema = closed(
  {
    change: orNull(Type.Integer(), {
      description: 'Its number in the history, to undo it by; null: all was so already.',
    }),
    records: Type.Integer({ description: 'Whose identity was changed.' }),
  },
  { title: 'IdentityChange', examples: [{ change: 7, records: 12 }] },
)

const parseMerge = createJsonParser(MergeBody)
const parseSplit = createJsonParser(SplitBody)
const parseAssign = createJsonParser(AssignBody)
const parseDiffer = createJsonParser(DifferBody)

export function readMergeBody(body: Uint8Array): MergeRequest {
  return parseMerge(body)
}

export function readSplitBody(body: Uint8Array): SplitRequest {
  const { ids, ...rest } = parseSplit(body)
  return { ids: ids.map(checkId), ...rest }
}

export function readAssignBody(body: Uint8Array): AssignRequest {
  const { ids, identity } = parseAssign(body)
  return { ids: ids.map(checkId), identity }
}

export function readDifferBody(body: Uint8Array): { a: IdentityValue; b: IdentityValue } {
  return parseDiffer(body)
}

export function registerCurateIdentities(app: App, context: CallContext): void {
  const { collections, readJson, longWork } = context

  call(app, 'mergeIdentities', 'POST /v1/collections/:collection/identities/merge', {
    ...common('Make several identities one'),
    body: { 'application/json': MergeBody },
    handler: async (request, reply) => {
      const { curation } = collections.get(request.params.collection).identities
      const asked = await readJson(request, readMergeBody)
      return await curated(request, reply, longWork, (options) => curation.merge(asked, options))
    },
  })

  call(app, 'splitIdentity', 'POST /v1/collections/:collection/identities/split', {
    ...common('Make some records of an identity another one'),
    body: { 'application/json': SplitBody },
    handler: async (request, reply) => {
      const { curation } = collections.get(request.params.collection).identities
      const asked = await readJson(request, readSplitBody)
      return await curated(request, reply, longWork, (options) => curation.split(asked, options))
    },
  })

  call(app, 'assignIdentity', 'POST /v1/collections/:collection/identities/assign', {
    ...common('Give records an identity, or none'),
    body: { 'application/json': AssignBody },
    handler: async (request, reply) => {
      const { curation } = collections.get(request.params.collection).identities
      const asked = await readJson(request, readAssignBody)
      return await curated(request, reply, longWork, (options) => curation.assign(asked, options))
    },
  })

  call(app, 'differIdentities', 'POST /v1/collections/:collection/identities/differ', {
    ...common('Keep that two identities are not the same'),
    body: { 'application/json': DifferBody },
    handler: async (request, reply) => {
      const { curation } = collections.get(request.params.collection).identities
      const { a, b } = await readJson(request, readDifferBody)
      return await curated(request, reply, longWork, (options) => curation.differ(a, b, options))
    },
  })
}

/** Makes a change in the name of the caller. */
export function curated(
  { caller }: Pick<FastifyRequest, 'caller'>,
  reply: FastifyReply,
  longWork: LongWork,
  change: (options: CurationOptions) => ReturnType<Curation['merge']>,
): Promise<CurationAnswer> {
  const by = caller.key?.name ?? null
  return longWork(reply, (signal) => change({ by, signal }))
}

function common(summary: string) {
  return {
    summary,
    tag: 'images',
    params: shared.CollectionParams,
    answers: { 200: json('The change, which is committed.', CurationAnswerSchema) },
    problems: [404, 409, 413, 415, 422],
  } as const
}
