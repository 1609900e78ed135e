import type { Command } from 'commander'
import { AppError } from '../../errors.ts'
import { left, plainLines, right, textTable } from '../../text-table.ts'
import { withRetries } from '../backend/backend.ts'
import { addBackendOptions, withContract } from '../backend/backend-options.ts'
import type { HttpClient } from '../backend/http-client.ts'
import { pagesUpTo } from '../backend/pages.ts'
import { filterJson, integerFrom } from '../options.ts'
import { notify, printResult } from '../terminal.ts'
import { addChangeCommands } from './change-commands.ts'
import {
  addedIdentityCommand,
  type IdentityOptions,
  identityText,
  onePlaceOf,
  placeOf,
  withType,
} from './identity-options.ts'
import { addReviewCommands } from './review-commands.ts'

interface ListOptions extends IdentityOptions {
  readonly text?: string
  readonly filter?: object
  readonly limit: number
}

interface EraseOptions extends IdentityOptions {
  readonly yes?: true
}

interface Identity {
  readonly identity: unknown
  readonly records: number
  readonly metadata: object
}

interface ShownIdentity extends Identity {
  readonly differs: readonly unknown[]
}

interface IdentityPage {
  readonly identities: readonly Identity[]
  readonly total: number
  readonly cursor: string | null
}

interface Receipt {
  readonly removed: Readonly<Record<string, number>>
  readonly complete: boolean
  readonly untouched: readonly { readonly what: string; readonly cure: string }[]
}

const MAX_LISTED = 1_000_000
const PAGE = 1000

export function addIdentitiesCommand(program: Command): void {
  const identities = program
    .command('identities')
    .summary('list, rename, merge, split, review and erase identities')
    .description(
      'An identity is all records of one value of the identity field of a collection. docs/identities.md explains the commands.',
    )
  const list = addedIdentityCommand(identities, 'list', 'Lists identities with their records.')
    .option('--text <part>', 'only those with this in their value, in letters of either case')
    .option('--filter <json>', 'of identity, records and metadata', filterJson)
    .option('--limit <n>', 'at most so many', integerFrom(1, MAX_LISTED), 100)
  addBackendOptions(list).action(listIdentities)
  const show = addedIdentityCommand(identities, 'show', 'Shows one identity.')
  addBackendOptions(withType(show.argument('<identity>', 'its value'))).action(showIdentity)
  addChangeCommands(identities)
  addReviewCommands(identities)
  const erase = addedIdentityCommand(
    identities,
    'erase',
    'Erases an identity: its records, vectors and pictures, from every file. Nothing brings it back.',
  )
    .argument('<identity>', 'its value')
    .option('--yes', 'erase it; without, this only says how many records it has')
  addBackendOptions(withType(erase)).action(eraseIdentity)
}

async function listIdentities(options: ListOptions): Promise<void> {
  const { limit, text, filter, json } = options
  const path = placeOf(options)
  await withContract(options, { scope: 'read' }, async ({ client }) => {
    const { pages, complete } = await pagesUpTo(
      { limit, ofPage: PAGE },
      ({ limit: most, ...cursor }) => {
        const query = {
          limit: String(most),
          ...(text !== undefined && { text }),
          ...(filter !== undefined && { filter: JSON.stringify(filter) }),
          ...cursor,
        }
        const call = { method: 'GET', path, query } as const
        return withRetries(() => client.ask<IdentityPage>('identities', call))
      },
      (page) => page.identities.length,
    )
    const found = pages.flatMap((page) => page.identities)
    const total = pages[0]?.total ?? 0
    printResult(json, { identities: found, total, complete }, () => tableOf(found))
    if (!complete) notify(`and more, ${total} in all: --limit is ${limit}`)
  })
}

async function showIdentity(text: string, options: IdentityOptions): Promise<void> {
  await withContract(options, { scope: 'read' }, async ({ client }) => {
    const found = await oneOf(client, text, options)
    const differs = found.differs.map(identityText).join(', ')
    printResult(options.json, found, () => {
      return `${tableOf([found])}${differs === '' ? '' : `said to differ from ${differs}\n`}`
    })
  })
}

async function eraseIdentity(text: string, options: EraseOptions): Promise<void> {
  await withContract(options, { scope: 'write' }, async ({ client }) => {
    if (options.yes !== true) {
      const { identity, records } = await oneOf(client, text, options)
      const what = `${identityText(identity)} of ${options.collection} with ${recordsText(records)}`
      throw new AppError('INVALID_REQUEST', `expected --yes to erase ${what}, got none`)
    }
    const call = { method: 'DELETE', ...onePlaceOf(text, options) } as const
    const receipt = await withRetries(() => client.ask<Receipt>('removed', call))
    printResult(options.json, receipt, () => receiptText(text, receipt))
  })
}

function oneOf(client: HttpClient, text: string, options: IdentityOptions) {
  const call = { method: 'GET', ...onePlaceOf(text, options) } as const
  return withRetries(() => client.ask<ShownIdentity>('differs', call))
}

function tableOf(identities: readonly Identity[]): string {
  return textTable({
    columns: [left('identity'), right('records'), left('metadata')],
    rows: identities.map(({ identity, records, metadata }) => [
      identityText(identity),
      String(records),
      JSON.stringify(metadata),
    ]),
  })
}

function receiptText(identity: string, { removed, complete, untouched }: Receipt): string {
  const counts = Object.entries(removed).map(([what, count]) => `${count} ${what}`)
  const lines = [
    `${identity}: erased with ${counts.join(', ')}`,
    ...(complete ? [] : ['files still have bytes of it, until a long read has ended']),
    ...untouched.map(({ what, cure }) => `not touched: ${what}: ${cure}`),
  ]
  return plainLines(`${lines.join('\n')}\n`)
}

function recordsText(count: number): string {
  return count === 1 ? '1 record' : `${count} records`
}
