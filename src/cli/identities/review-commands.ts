import type { Command } from 'commander'
import { left, plainLines, right, textTable } from '../../text-table.ts'
import { withRetries } from '../backend/backend.ts'
import { addBackendOptions, withContract } from '../backend/backend-options.ts'
import { pagesUpTo } from '../backend/pages.ts'
import { filterJson, fraction, integerFrom, nonNegative } from '../options.ts'
import { notify, printResult } from '../terminal.ts'
import {
  addedIdentityCommand,
  type IdentityOptions,
  identityText,
  placeOf,
} from './identity-options.ts'

interface SuggestionsOptions extends IdentityOptions {
  readonly probability?: number
  readonly limit: number
}

interface UnknownsOptions extends IdentityOptions {
  readonly radius?: number
  readonly filter?: object
  readonly minRecords?: number
  readonly limit: number
}

interface Merge {
  readonly a: unknown
  readonly b: unknown
  readonly probability: number
  readonly pair: readonly [string, string]
}

interface Outlier {
  readonly id: string
  readonly identity: unknown
  readonly probability: number
  readonly own: { readonly id: string }
  readonly other: { readonly identity: unknown; readonly id: string } | null
}

interface SuggestionsPage {
  readonly merges: readonly Merge[]
  readonly outliers: readonly Outlier[]
  readonly tooLarge: readonly unknown[]
  readonly cursor: string | null
}

interface UnknownsPage {
  readonly clusters: readonly {
    readonly ids: readonly string[]
    readonly spread: number
    readonly complete: boolean
  }[]
  readonly radius: number
  readonly source: string
  readonly cursor: string | null
}

const MAX_LISTED = 100_000
const PAGE = 100
const MAX_CLUSTER = 1000

/** Adds the commands that say what to look at. */
export function addReviewCommands(identities: Command): void {
  const suggestions = addedIdentityCommand(
    identities,
    'suggestions',
    'Lists identities that are probably one, and records that are probably in the wrong one. It needs a calibration.',
  )
    .option('--probability <p>', 'of what is suggested, at least (.5)', fraction)
    .option('--limit <n>', 'suggestions, about', integerFrom(1, MAX_LISTED), 100)
  addBackendOptions(suggestions).action(suggest)
  const unknowns = addedIdentityCommand(
    identities,
    'unknowns',
    'Lists records without an identity, in clusters to be named.',
  )
    .option('--radius <distance>', 'of a cluster (default: the calibrated one)', nonNegative)
    .option('--filter <json>', 'only records whose metadata meets it', filterJson)
    .option('--min-records <n>', 'of a cluster (2)', integerFrom(1, MAX_CLUSTER))
    .option('--limit <n>', 'clusters, about', integerFrom(1, MAX_LISTED), 100)
  addBackendOptions(unknowns).action(cluster)
}

async function suggest(options: SuggestionsOptions): Promise<void> {
  const { limit, probability, json } = options
  const path = placeOf(options, 'suggestions')
  await withContract(options, { scope: 'read' }, async ({ client }) => {
    const { pages, complete } = await pagesUpTo(
      { limit, ofPage: PAGE },
      (page) => {
        const call = { method: 'POST', path, json: { probability, ...page } } as const
        return withRetries(() => client.ask<SuggestionsPage>('merges', call))
      },
      ({ merges, outliers }) => merges.length + outliers.length,
    )
    const merges = pages.flatMap((page) => page.merges)
    const outliers = pages.flatMap((page) => page.outliers)
    const tooLarge = pages.flatMap((page) => page.tooLarge)
    printResult(json, { merges, outliers, tooLarge, complete }, () => {
      return suggestionsTable(merges, outliers)
    })
    if (json !== true && tooLarge.length > 0) {
      notify(`too large to be looked at: ${tooLarge.map(identityText).join(', ')}`)
    }
    if (!complete) notify(`and more: --limit is ${limit}`)
  })
}

function suggestionsTable(merges: readonly Merge[], outliers: readonly Outlier[]): string {
  return textTable({
    columns: [
      left('suggestion'),
      right('probability'),
      left('identity'),
      left('other'),
      left('record'),
      left('other record'),
    ],
    rows: [
      ...merges.map(({ a, b, probability, pair }) => [
        ...['merge', probability.toFixed(3), identityText(a), identityText(b), ...pair],
      ]),
      ...outliers.map(({ id, identity, probability, other }) => [
        ...['outlier', probability.toFixed(3), identityText(identity)],
        ...[other === null ? '-' : identityText(other.identity), id, other?.id ?? '-'],
      ]),
    ],
  })
}

async function cluster(options: UnknownsOptions): Promise<void> {
  const { limit, radius, filter, minRecords, json } = options
  const path = placeOf(options, 'unknowns')
  await withContract(options, { scope: 'read' }, async ({ client }) => {
    const { pages, complete } = await pagesUpTo(
      { limit, ofPage: PAGE },
      (page) => {
        const call = {
          method: 'POST',
          path,
          json: { radius, filter, minRecords, ...page },
        } as const
        return withRetries(() => client.ask<UnknownsPage>('clusters', call))
      },
      ({ clusters }) => clusters.length,
    )
    const clusters = pages.flatMap((page) => page.clusters)
    const { radius: taken, source } = pages[0]!
    const answer = { clusters, radius: taken, source, complete }
    printResult(json, answer, () => {
      const lines = clusters.map(({ ids, complete: whole }) => {
        return `${ids.join('  ')}${whole ? '' : '  …'}\n`
      })
      const head = `${clusters.length} clusters, radius ${taken.toFixed(4)} by ${source}\n`
      return plainLines(`${head}${lines.join('')}`)
    })
    if (!complete) notify(`and more: --limit is ${limit}`)
  })
}
