import { Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FastifyReply } from 'fastify'
import type { SearchMatch } from '../collection/requests.ts'
import type { StoredRecord } from '../engine/record.ts'

const PIECE_LENGTH = 64 * 1024
/** The most items in one call of JSON.stringify: several cost less, and the next may be far longer than the last. */
const MOST_AT_ONCE = 16

/**
 * Answers with an object that has one long list. A page of ten thousand vectors takes seconds to write
 * as JSON, so it is written in pieces, and other requests get their turn between them.
 */
export function sendWithList(
  reply: FastifyReply,
  listName: string,
  items: Iterable<unknown>,
  others: Readonly<Record<string, unknown>>,
): FastifyReply {
  const pieces = jsonPieces(listName, items, others)
  const first = pieces.next().value ?? ''
  const second = pieces.next()
  reply.type('application/json; charset=utf-8')
  if (second.done === true) return reply.send(first)
  return reply.send(Readable.from(unhurried(first, second.value, pieces), { objectMode: false }))
}

function* jsonPieces(
  listName: string,
  items: Iterable<unknown>,
  others: Readonly<Record<string, unknown>>,
): Generator<string, undefined> {
  let piece = `{${JSON.stringify(listName)}:[`
  let separator = ''
  let group: unknown[] = []
  let groupSize = 1
  const take = () => {
    const text = JSON.stringify(group).slice(1, -1)
    const fitting = Math.floor((PIECE_LENGTH * group.length) / (text.length + 1))
    groupSize = Math.max(1, Math.min(fitting, MOST_AT_ONCE))
    group = []
    piece += separator + text
    separator = ','
  }
  for (const item of items) {
    group.push(item)
    if (group.length < groupSize) continue
    take()
    if (piece.length < PIECE_LENGTH) continue
    yield piece
    piece = ''
  }
  if (group.length > 0) take()
  const rest = JSON.stringify(others).slice(1)
  yield `${piece}]${rest === '}' ? '' : ','}${rest}`
  return undefined
}

async function* unhurried(first: string, second: string, rest: Iterable<string>) {
  yield first
  yield second
  for (const piece of rest) {
    await nextTurn()
    yield piece
  }
}

/** Gives a record or match its vector as plain numbers. */
export function withPlainVector(view: StoredRecord | SearchMatch): unknown {
  return view.vector === undefined ? view : { ...view, vector: Array.from(view.vector) }
}

export function* withPlainVectors(views: readonly (StoredRecord | SearchMatch)[]) {
  for (const view of views) yield withPlainVector(view)
}
