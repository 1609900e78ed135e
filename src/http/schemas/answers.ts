import type { TSchema } from 'typebox'
import { PROBLEM_MEDIA_TYPE } from '../problem.ts'
import { ProblemSchema } from './service.ts'

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

/** The answers of a route: its own, and one problem for each status named. */
export function answers(own: Readonly<Record<number, Answer>>, problems: readonly number[]) {
  const all = [401, 403, ...problems, 503].map((status) => [status, problem(PROBLEMS[status]!)])
  return {
    ...own,
    ...Object.fromEntries(all),
    default: problem('Anything else that went wrong.'),
  }
}

export function json(description: string, schema: TSchema): Answer {
  return { description, content: { 'application/json': { schema } } }
}

/** An answer without a body; the type null tells the generator so. */
export function empty(description: string): Answer & { readonly type: 'null' } {
  return { description, type: 'null' }
}

export function binary(description: string, ...mediaTypes: readonly string[]): Answer {
  return { description, content: content(mediaTypes) }
}

function content(mediaTypes: readonly string[]) {
  const schema = { type: 'string', format: 'binary' }
  return Object.fromEntries(mediaTypes.map((mediaType) => [mediaType, { schema }]))
}

/** A request body in its several forms: schemas by media type. */
export function body(forms: Readonly<Record<string, TSchema | 'binary'>>) {
  const entries = Object.entries(forms).map(([mediaType, schema]) => [
    mediaType,
    { schema: schema === 'binary' ? { type: 'string', format: 'binary' } : schema },
  ])
  return { content: Object.fromEntries(entries) }
}

function problem(description: string): Answer {
  return { description, content: { [PROBLEM_MEDIA_TYPE]: { schema: ProblemSchema } } }
}
