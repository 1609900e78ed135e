import type { SearchAnswer } from '../api/contract.ts'
import { ask, collectionPath } from '../api/service.ts'
import { idsOfLink } from '../ids-in-link.ts'

/** Points that are pointed out: those asked for, and their neighbours. */
export interface Marks {
  readonly asked: readonly number[]
  readonly near: readonly number[]
}

/** The same by the ids of records, which may not be on the map. */
export interface NamedMarks {
  readonly asked: readonly string[]
  readonly near: readonly string[]
}

/** As many neighbours of a record are pointed out. */
const NEIGHBOURS = 12

/** Reads what a link points out. */
export function namedMarks(asked: string | undefined, near: string | undefined): NamedMarks | null {
  const marks = { asked: idsOfLink(asked), near: idsOfLink(near) }
  return marks.asked.length + marks.near.length === 0 ? null : marks
}

export async function neighboursOf(
  collection: string,
  id: string,
  signal: AbortSignal,
): Promise<NamedMarks> {
  const path = collectionPath(collection, '/search')
  const body = { query: { id }, k: NEIGHBOURS }
  const { matches } = await ask<SearchAnswer>('POST', path, { body, signal })
  return { asked: [id], near: matches.map((match) => match.id) }
}

/** @param gone records that are deleted, though the map has them. */
export function marksOf(
  named: NamedMarks | null,
  placeOf: ReadonlyMap<string, number>,
  gone: ReadonlySet<string>,
): Marks {
  const left = (ids: readonly string[] = []) => {
    return placesOf(
      ids.filter((id) => !gone.has(id)),
      placeOf,
    )
  }
  return { asked: left(named?.asked), near: left(named?.near) }
}

/** All records that are pointed out. */
export function allOf({ asked, near }: NamedMarks): readonly string[] {
  return [...asked, ...near]
}

/** The places of those records that are on the map. */
export function placesOf(ids: Iterable<string>, placeOf: ReadonlyMap<string, number>): number[] {
  return [...ids].map((id) => placeOf.get(id)).filter((place) => place !== undefined)
}
