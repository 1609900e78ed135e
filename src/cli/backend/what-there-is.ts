import { AppError } from '../../errors.ts'
import { hasCode } from './backend.ts'
import type { HttpClient } from './http-client.ts'

const MOST_NAMED = 20

/**
 * Adds to an error about an unknown collection which there are; gives any other error, and where they cannot be listed, as it is.
 * The service itself names none: a key may be for some of them only.
 */
export async function withWhatThereIs(error: unknown, client: HttpClient): Promise<unknown> {
  try {
    if (hasCode(error, 'COLLECTION_NOT_FOUND')) {
      const path = ['v1', 'collections']
      const { collections } = (await client.json({ method: 'GET', path })) as {
        collections: readonly { readonly name: string }[]
      }
      const names = collections.map(({ name }) => name)
      const shown = names.slice(0, MOST_NAMED).join(', ')
      const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : ''
      const cure = '`lookalike collections create` makes one'
      const there = names.length === 0 ? `there is none: ${cure}` : `there are ${shown}${more}`
      return new AppError(error.code, `${error.message}; ${there}`, { cause: error })
    }
  } catch {
    // The first error is the one that counts.
  }
  return error
}
