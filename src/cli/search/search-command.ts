import type { Command } from 'commander'
import { Option } from 'commander'
import { MAX_K, type SearchAnswer } from '../../collection/requests.ts'
import { checkCollectionName } from '../../engine/collection-spec.ts'
import { AppError } from '../../errors.ts'
import { withRetries } from '../backend/backend.ts'
import { addBackendOptions, type BackendOptions, withContract } from '../backend/backend-options.ts'
import type { SubjectOptions } from '../identities/subject.ts'
import { choice, filterJson, integerFrom, listed, nonNegative } from '../options.ts'
import { printResult } from '../terminal.ts'
import { answerTable } from './answer-table.ts'

interface SearchOptions extends BackendOptions, Omit<SubjectOptions, 'identity'> {
  readonly collection: string
  readonly k?: number
  readonly radius?: number
  readonly filter?: object
  readonly accuracy?: string
  readonly json?: true
  readonly html?: string
  readonly folder?: string
}

export function addSearchCommand(program: Command): void {
  const command = program
    .command('search')
    .summary('find the images of a collection that look like others')
    .description(
      'Finds the images of a collection that look like PICTURE, several pictures of one subject, a stored record, or a vector.',
    )
    .argument('[pictures...]', 'the files to search by')
    .requiredOption('--collection <name>', 'where to search')
    .option('--id <id>', 'search by a stored record instead; may be given again', listed)
    .option('--vector <file>', 'search by a JSON list of numbers instead, or a list of such lists')
    .option(
      '-k <n>',
      'how many of the nearest (default: 10, or all within --radius)',
      integerFrom(1, MAX_K),
    )
    .option('--radius <distance>', 'only those within it, inclusive', nonNegative)
    .option('--filter <json>', 'only those whose metadata meets it', filterJson)
    .addOption(
      choice('--accuracy <kind>', 'how it is answered (default: auto)', [
        'auto',
        'exact',
        'approximate',
      ]),
    )
    .option('--json', 'print the answer as JSON')
    .addOption(
      new Option('--html <file>', 'write a page that shows what was found').conflicts('json'),
    )
    .option('--folder <folder>', 'for --html: where the pictures are, if the collection kept none')
  addBackendOptions(command).action(run)
}

async function run(pictures: readonly string[], options: SearchOptions): Promise<void> {
  checkCollectionName(options.collection)
  const { collection, k, radius, filter, accuracy, json, html, folder } = options
  if (folder !== undefined && html === undefined) {
    throw new AppError('INVALID_REQUEST', 'expected --html beside --folder, got none')
  }
  const { readSubject, requestOf } = await import('../identities/subject.ts')
  await withContract(options, { scope: 'read' }, async ({ client, maxImageBytes }) => {
    const subject = await readSubject(pictures, options, maxImageBytes)
    const body = requestOf(
      { ...subject, query: searchQuery(subject.query) },
      { k, radius, filter, accuracy, include: ['metadata'] },
    )
    const path = ['v1', 'collections', collection, 'search']
    const call = { method: 'POST', path, ...body } as const
    const answer = await withRetries(() => client.ask<SearchAnswer>('matches', call))
    if (html === undefined) {
      printResult(json, answer, () => answerTable(answer))
      return
    }
    const { fileUri, resultPage, urisOfMatches } = await import('./result-page.ts')
    const { writeFile } = await import('node:fs/promises')
    const matchUris = await urisOfMatches(client, collection, answer, folder)
    const [picture] = subject.pictures
    const imageUri = picture === undefined ? null : fileUri(picture)
    const image = subject.name
    await writeFile(
      html,
      resultPage({ image, imageUri, collection, asked: { k, radius, filter }, answer, matchUris }),
    )
    process.stdout.write(`${html}: ${answer.matches.length} found\n`)
  })
}

/** Gives the query of a search: several records or vectors are examples of it. */
function searchQuery(query: Readonly<Record<string, unknown>> | null) {
  const { ids, vectors } = (query ?? {}) as { ids?: string[]; vectors?: number[][] }
  if (ids !== undefined) return { positive: ids.map((id) => ({ id })) }
  return vectors === undefined ? query : { positive: vectors.map((vector) => ({ vector })) }
}
