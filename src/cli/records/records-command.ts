import type { Command } from 'commander'
import { checkCollectionName } from '../../engine/collection-spec.ts'
import type { StoredRecord } from '../../engine/record.ts'
import { AppError } from '../../errors.ts'
import { left, textTable } from '../../text-table.ts'
import { withRetries } from '../backend/backend.ts'
import { addBackendOptions, type BackendOptions, withContract } from '../backend/backend-options.ts'
import { pagesUpTo } from '../backend/pages.ts'
import { filterJson, integerFrom, objectJson } from '../options.ts'
import { notify, printJson, printResult } from '../terminal.ts'

interface RecordOptions extends BackendOptions {
  readonly collection: string
  readonly json?: true
}

interface ListOptions extends RecordOptions {
  readonly filter?: object
  readonly limit: number
}

interface ShowOptions extends RecordOptions {
  readonly vector?: true
}

interface DeleteOptions extends RecordOptions {
  readonly filter?: object
}

interface RecordPage {
  readonly records: readonly StoredRecord[]
  readonly cursor: string | null
}

const MAX_LISTED = 1_000_000
const PAGE = 1000

export function addRecordsCommand(program: Command): void {
  const records = program
    .command('records')
    .summary('list, show, change and delete the records of a collection')
    .description('Records are the images of a collection, with their metadata.')
  const list = added(records, 'list', 'Lists records in the order of their ids.')
    .option('--filter <json>', 'only those whose metadata meets it', filterJson)
    .option('--limit <n>', 'at most so many', integerFrom(1, MAX_LISTED), 100)
  addBackendOptions(list).action(listRecords)
  const show = added(records, 'show', 'Prints a record as JSON.')
    .argument('<id>', 'of the record')
    .option('--vector', 'with its vector')
  addBackendOptions(show).action(showRecord)
  const patch = added(
    records,
    'patch',
    'Changes the metadata of a record: members replace, null removes.',
  )
    .argument('<id>', 'of the record')
    .argument('<json>', 'what changes, such as {"label": "cat", "price": null}', objectJson)
  addBackendOptions(patch).action(patchRecord)
  const remove = added(records, 'delete', 'Deletes records by their ids, or by a filter.')
    .argument('[ids...]', 'of the records')
    .option('--filter <json>', 'all whose metadata meets it, instead of ids', filterJson)
  addBackendOptions(remove).action(deleteRecords)
}

function added(records: Command, name: string, about: string): Command {
  return records
    .command(name)
    .description(about)
    .requiredOption('--collection <name>', 'where the records are')
    .option('--json', 'print the result as JSON')
}

async function listRecords(options: ListOptions): Promise<void> {
  const { limit, filter, json } = options
  const path = placeOf(options)
  await withContract(options, { scope: 'read' }, async ({ client }) => {
    const { pages, complete } = await pagesUpTo(
      { limit, ofPage: PAGE },
      ({ limit: most, ...cursor }) => {
        const query = {
          limit: String(most),
          ...(filter !== undefined && { filter: JSON.stringify(filter) }),
          ...cursor,
        }
        return withRetries(() => client.ask<RecordPage>('records', { method: 'GET', path, query }))
      },
      (page) => page.records.length,
    )
    const records = pages.flatMap((page) => page.records)
    printResult(json, { records, complete }, () => tableOf(records))
    if (!complete) notify(`and more: --limit is ${limit}`)
  })
}

async function showRecord(id: string, options: ShowOptions): Promise<void> {
  const path = [...placeOf(options), id]
  const query: Record<string, string> = options.vector === true ? { include: 'vector' } : {}
  await withContract(options, { scope: 'read' }, async ({ client }) => {
    printJson(await withRetries(() => client.ask('metadata', { method: 'GET', path, query })))
  })
}

async function patchRecord(id: string, metadata: object, options: RecordOptions): Promise<void> {
  const path = [...placeOf(options), id]
  const call = { method: 'PATCH', path, json: { metadata } } as const
  await withContract(options, { scope: 'write' }, async ({ client }) => {
    const record = await withRetries(() => client.ask<StoredRecord>('metadata', call))
    printResult(options.json, record, () => tableOf([record]))
  })
}

async function deleteRecords(ids: readonly string[], options: DeleteOptions): Promise<void> {
  const { collection, filter, json } = options
  if (ids.length > 0 === (filter !== undefined)) {
    const got = filter === undefined ? 'neither' : 'both'
    throw new AppError('INVALID_REQUEST', `expected ids or --filter, got ${got}`)
  }
  const call = {
    method: 'POST',
    path: [...placeOf(options), 'delete'],
    json: filter === undefined ? { ids } : { filter },
  } as const
  await withContract(options, { scope: 'write' }, async ({ client }) => {
    const answer = await withRetries(() => client.ask<{ deleted: number }>('deleted', call))
    printResult(json, answer, () => `${collection}: ${answer.deleted} deleted\n`)
  })
}

function placeOf({ collection }: RecordOptions): readonly string[] {
  return ['v1', 'collections', checkCollectionName(collection), 'images']
}

function tableOf(records: readonly StoredRecord[]): string {
  return textTable({
    columns: [left('id'), left('metadata')],
    rows: records.map(({ id, metadata }) => [id, JSON.stringify(metadata)]),
  })
}
