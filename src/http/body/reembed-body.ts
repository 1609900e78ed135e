import type { ReembedInput } from '../../collection/reembed/reembeddings.ts'
import { createParser } from '../schema-check.ts'
import { ReembedBody } from '../schemas/reembed.ts'
import { parseJson } from './json-text.ts'

const parseBody = createParser(ReembedBody)

export function readReembedBody(body: Uint8Array): ReembedInput {
  const { model, from = 'originals', missing = 'fail' } = parseBody(parseJson(body))
  const source = typeof from === 'string' ? { kind: from } : ({ kind: 'folder', ...from } as const)
  return { model, from: source, missing }
}
