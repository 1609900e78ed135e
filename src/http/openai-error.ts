import type { Static } from 'typebox'
import type { Problem } from './problem.ts'
import { closed, orNull, Type } from './schemas/type.ts'

/** An error in the shape that clients of OpenAI's API read. */
export const OpenAiErrorSchema = closed(
  {
    error: closed({
      message: Type.String(),
      type: Type.String(),
      param: orNull(Type.String()),
      code: Type.String({ description: 'What docs/errors.md explains.' }),
    }),
  },
  { title: 'OpenAiError' },
)

/**
 * Finds the calls that clients of OpenAI's API make, and every path below them; also those that are not here (chat), and
 * paths without `/v1`, so that such clients show why. @param url as sent.
 */
export function isOpenAiCall(url: string): boolean {
  const [, prefix, first] = /^(\/v1)?\/([^/?]*)/.exec(url) ?? []
  if (first === 'embeddings' || first === 'models') return true
  return prefix !== undefined && !OWN.has(first!)
}

/** What lies below `/v1` in our own shape. */
const OWN = new Set(['collections', 'examples', 'jobs', 'trainings', 'health'])

/** Gives an error as OpenAI's clients read it. `code` is ours, `param` the member at fault: `input[3].image`. */
export function openAiErrorOf(problem: Problem): Static<typeof OpenAiErrorSchema> {
  const [issue] = problem.errors ?? []
  return {
    error: {
      message: problem.detail,
      type: typeOf(problem.status),
      param: issue === undefined ? null : paramOf(issue.path),
      code: problem.code,
    },
  }
}

function typeOf(status: number): string {
  if (status === 401) return 'authentication_error'
  if (status === 403) return 'permission_error'
  if (status === 429) return 'rate_limit_error'
  return status < 500 ? 'invalid_request_error' : 'server_error'
}

/** Turns `/input/3/image` into `input[3].image`. */
function paramOf(pointer: string): string {
  return pointer
    .replace(/\/(\d+)(?=\/|$)/g, '[$1]')
    .replace(/^\//, '')
    .replaceAll('/', '.')
}
