import type { ProblemAnswer } from './problem.ts'

/** Calls that clients of OpenAI's API make, with all that is or is not below them. */
const OPENAI_PATH = /^\/v1\/(embeddings|models)(\/|\?|$)/

/** @param url the request's target as sent. */
export function isOpenAiCall(url: string): boolean {
  return OPENAI_PATH.test(url)
}

/** An error as OpenAI's clients read it. `code` is ours. */
export interface OpenAiError {
  readonly error: {
    readonly message: string
    readonly type: string
    /** The member at fault: `input[3].image`. */
    readonly param: string | null
    readonly code: string
  }
}

export function openAiErrorOf({ problem }: ProblemAnswer): OpenAiError {
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
  return status < 500 ? 'invalid_request_error' : 'server_error'
}

/** `/input/3/image` -> `input[3].image`. */
function paramOf(pointer: string): string {
  return pointer
    .replace(/\/(\d+)(?=\/|$)/g, '[$1]')
    .replace(/^\//, '')
    .replaceAll('/', '.')
}
