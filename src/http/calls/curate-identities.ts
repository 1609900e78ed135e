import type { Editor } from '../../collection/identities/curation.ts'
import type { IdentityValue } from '../../engine/identity-value.ts'
import { createJsonParser } from '../body/json-text.ts'
import { type App, type CallContext, call, json } from '../call.ts'
import * as shared from '../schemas/shared.ts'
import { closed, orNull, Type } from '../schemas/type.ts'

const DifferBody = closed(
  { a: shared.IdentityValue, b: shared.IdentityValue },
  { examples: [{ a: 'alice', b: 'bob' }] },
)

const CurationAnswer = closed(
  {
    change: orNull(Type.Integer(), {
      description: 'Its number in the history, to undo it by; null: all was so already.',
    }),
    records: Type.Integer({ description: 'Whose identity was changed.' }),
  },
  { title: 'IdentityChange', examples: [{ change: 7, records: 12 }] },
)

const answers = { 200: json('The change, which is committed.', CurationAnswer) }

const parseDiffer = createJsonParser(DifferBody)

export function readDifferBody(body: Uint8Array): { a: IdentityValue; b: IdentityValue } {
  return parseDiffer(body)
}

export function registerCurateIdentities(app: App, { collections, readJson }: CallContext): void {
  call(app, 'differIdentities', 'POST /v1/collections/:collection/identities/differ', {
    summary: 'Keep that two identities are not the same',
    tag: 'images',
    params: shared.CollectionParams,
    body: { 'application/json': DifferBody },
    answers,
    problems: [404, 409, 413, 415, 422],
    handler: async (request) => {
      const { curation } = collections.get(request.params.collection)
      const { a, b } = await readJson(request, readDifferBody)
      return await curation.differ(a, b, editorOf(request))
    },
  })
}

function editorOf({
  caller,
}: {
  readonly caller: { readonly key: { readonly name: string } | null }
}): Editor {
  return { by: caller.key?.name ?? null }
}
