import type { TSchema } from 'typebox'
import { PROBLEM_MEDIA_TYPE, ProblemSchema } from '../problem.ts'
import * as shared from './shared.ts'

const PROBLEMS: Readonly<Record<number, string>> = {
  400: 'Malformed: `errors` names every part at fault.',
  401: 'No key, or an unknown one.',
  403: "The key's scope is too small.",
  404: 'No such collection or record.',
  409: 'In conflict with what is stored.',
  413: 'Too many bytes or pixels.',
  415: 'Not a media type, or not an image, that is taken here.',
  422: 'An image that cannot be decoded, or gives no usable embedding.',
  503: 'A queue is full, the service is starting or stopping; `Retry-After` says when to try again.',
}

type Answer = { readonly description: string; readonly content?: unknown }

/** The answers of a call: its own, and one problem for each status named. */
export function answers(own: Readonly<Record<number, Answer>>, problems: readonly number[]) {
  const all = [401, 403, ...problems, 503].map((status) => [status, problem(PROBLEMS[status]!)])
  return {
    ...own,
    ...Object.fromEntries(all),
    default: problem('Anything else that went wrong.'),
  }
}

function problem(description: string): Answer {
  return { description, ...body({ [PROBLEM_MEDIA_TYPE]: ProblemSchema }) }
}

export function json(description: string, schema: TSchema): Answer {
  return { description, ...body({ 'application/json': schema }) }
}

/** An answer without a body; the type null tells the generator so. */
export function empty(description: string): Answer & { readonly type: 'null' } {
  return { description, type: 'null' }
}

export function binary(description: string, mediaType: string): Answer {
  return { description, ...body({ [mediaType]: shared.File }) }
}

/** A body in its several forms: schemas by media type. A request is refused where it has another type. */
export function body(forms: Readonly<Record<string, TSchema>>) {
  const entries = Object.entries(forms).map(([mediaType, schema]) => [mediaType, { schema }])
  return { content: Object.fromEntries(entries) as Record<string, { readonly schema: TSchema }> }
}
