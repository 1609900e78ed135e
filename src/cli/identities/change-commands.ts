import type { Command } from 'commander'
import { AppError } from '../../errors.ts'
import { left, right, textTable } from '../../text-table.ts'
import { withRetries } from '../backend/backend.ts'
import { addBackendOptions, withContract } from '../backend/backend-options.ts'
import type { Call } from '../backend/http-client.ts'
import { pagesUpTo } from '../backend/pages.ts'
import { integerFrom } from '../options.ts'
import { notify, printResult } from '../terminal.ts'
import {
  addedIdentityCommand,
  type IdentityOptions,
  identityOf,
  onePlaceOf,
  placeOf,
  withType,
} from './identity-options.ts'

interface AssignOptions extends IdentityOptions {
  readonly to?: string
  readonly nobody?: true
}

interface HistoryOptions extends IdentityOptions {
  readonly limit: number
}

interface Change {
  readonly change: number | null
  readonly records: number
}

interface PastChange extends Change {
  readonly at: string
  readonly by: string | null
  readonly kind: string
  readonly what: object
  readonly undoneBy: number | null
}

interface HistoryPage {
  readonly changes: readonly PastChange[]
  readonly cursor: string | null
}

/** As many as the history keeps. */
const MAX_LISTED = 10_000
const PAGE = 1000

/** Adds the commands that change identities, list the changes and take one back. */
export function addChangeCommands(identities: Command): void {
  const rename = addedIdentityCommand(identities, 'rename', 'Gives an identity a new name.')
    .argument('<identity>', 'its value')
    .argument('<name>', 'a new one')
  addBackendOptions(withType(rename)).action(
    (identity: string, name: string, options: IdentityOptions) => {
      const call = { method: 'PATCH', ...onePlaceOf(identity, options) } as const
      return change(options, { ...call, json: { identity: identityOf(name, options) } })
    },
  )
  const merge = addedIdentityCommand(identities, 'merge', 'Makes several identities one.')
    .argument('<into>', 'the one that they become')
    .argument('<from...>', 'those that are no more')
  addBackendOptions(withType(merge)).action(
    (into: string, from: readonly string[], options: IdentityOptions) => {
      const json = {
        into: identityOf(into, options),
        from: from.map((one) => identityOf(one, options)),
      }
      return change(options, { method: 'POST', path: placeOf(options, 'merge'), json })
    },
  )
  const split = addedIdentityCommand(
    identities,
    'split',
    'Makes some records of an identity a new one, and keeps that the two differ.',
  )
    .argument('<identity>', 'its value')
    .argument('<ids...>', 'of the records')
    .requiredOption('--to <identity>', 'the new one')
  addBackendOptions(withType(split)).action(
    (identity: string, ids: readonly string[], options: IdentityOptions & { to: string }) => {
      const to = identityOf(options.to, options)
      const json = { identity: identityOf(identity, options), ids, to }
      return change(options, { method: 'POST', path: placeOf(options, 'split'), json })
    },
  )
  const assign = addedIdentityCommand(identities, 'assign', 'Gives records an identity, or none.')
    .argument('<ids...>', 'of the records')
    .option('--to <identity>', 'new or not')
    .option('--nobody', 'take away the one that they have')
  addBackendOptions(withType(assign)).action(assignIdentity)
  const differ = addedIdentityCommand(identities, 'differ', 'Keeps that two are not the same.')
    .argument('<a>', 'an identity')
    .argument('<b>', 'another one')
  addBackendOptions(withType(differ)).action((a: string, b: string, options: IdentityOptions) => {
    const json = { a: identityOf(a, options), b: identityOf(b, options) }
    return change(options, { method: 'POST', path: placeOf(options, 'differ'), json })
  })
  const history = addedIdentityCommand(
    identities,
    'history',
    'Lists the changes of identities, the newest first: who, when and what.',
  ).option('--limit <n>', 'at most so many', integerFrom(1, MAX_LISTED), 100)
  addBackendOptions(history).action(listHistory)
  const undo = addedIdentityCommand(identities, 'undo', 'Takes back a change.').argument(
    '<change>',
    'its number in the history',
    integerFrom(1, Number.MAX_SAFE_INTEGER),
  )
  addBackendOptions(undo).action((number: number, options: IdentityOptions) => {
    const path = placeOf(options, 'undo')
    return change(options, { method: 'POST', path, json: { change: number } })
  })
}

async function assignIdentity(ids: readonly string[], options: AssignOptions): Promise<void> {
  const { to, nobody } = options
  if ((to === undefined) === (nobody === undefined)) {
    const got = to === undefined ? 'neither' : 'both'
    throw new AppError('INVALID_REQUEST', `expected --to or --nobody, got ${got}`)
  }
  const json = { ids, identity: to === undefined ? null : identityOf(to, options) }
  await change(options, { method: 'POST', path: placeOf(options, 'assign'), json })
}

async function change(options: IdentityOptions, call: Call): Promise<void> {
  await withContract(options, { scope: 'write' }, async ({ client }) => {
    const answer = await withRetries(() => client.ask<Change>('change', call))
    printResult(options.json, answer, () => {
      if (answer.change === null) return 'all was so already\n'
      return `change ${answer.change}; ${answer.records} records\n`
    })
  })
}

async function listHistory(options: HistoryOptions): Promise<void> {
  const { limit, json } = options
  const path = placeOf(options, 'history')
  await withContract(options, { scope: 'read' }, async ({ client }) => {
    const { pages, complete } = await pagesUpTo(
      { limit, ofPage: PAGE },
      ({ limit: most, ...cursor }) => {
        const call = { method: 'GET', path, query: { limit: String(most), ...cursor } } as const
        return withRetries(() => client.ask<HistoryPage>('changes', call))
      },
      ({ changes }) => changes.length,
    )
    const changes = pages.flatMap((page) => page.changes)
    printResult(json, { changes, complete }, () => historyTable(changes))
    if (!complete) notify(`and more: --limit is ${limit}`)
  })
}

function historyTable(changes: readonly PastChange[]): string {
  return textTable({
    columns: [
      right('change'),
      left('at'),
      left('by'),
      left('kind'),
      right('records'),
      left('undone by'),
      left('what'),
    ],
    rows: changes.map(({ change: number, at, by, kind, records, undoneBy, what }) => [
      ...[String(number), at, by ?? '-', kind, String(records)],
      ...[String(undoneBy ?? '-'), JSON.stringify(what)],
    ]),
  })
}
