import { writeFile } from 'node:fs/promises'
import { type Command, Option } from 'commander'
import { readImageFile } from '../../adapters/image-files.ts'
import { MAX_K, type SearchAnswer } from '../../collection/requests.ts'
import { checkCollectionName } from '../../engine/collection-spec.ts'
import { AppError } from '../../errors.ts'
import { left, right, textTable } from '../../text-table.ts'
import { withRetries } from '../backend/backend.ts'
import { addBackendOptions, type BackendOptions, withBackend } from '../backend/backend-options.ts'
import { filterJson, integerFrom, nonNegative } from '../options.ts'
import { printResult } from '../terminal.ts'
import { fileUri, labelText, resultPage, urisOfMatches } from './result-page.ts'

interface SearchOptions extends BackendOptions {
  readonly collection: string
  readonly k?: number
  readonly radius?: number
  readonly filter?: object
  readonly json?: true
  readonly html?: string
  readonly folder?: string
}

export function addSearchCommand(program: Command): void {
  const command = program
    .command('search')
    .description('Finds the images of a collection that look like IMAGE.')
    .argument('<image>', 'the file to search by')
    .requiredOption('--collection <name>', 'where to search')
    .option(
      '-k <n>',
      'how many of the nearest (default: 10, or all within --radius)',
      integerFrom(1, MAX_K),
    )
    .option('--radius <distance>', 'only those within it, inclusive', nonNegative)
    .option('--filter <json>', 'only those whose metadata meets it', filterJson)
    .option('--json', 'print the answer as JSON')
    .addOption(
      new Option('--html <file>', 'write a page that shows what was found').conflicts('json'),
    )
    .option('--folder <folder>', 'for --html: where the pictures are, if the collection kept none')
  addBackendOptions(command).action(run)
}

async function run(image: string, options: SearchOptions): Promise<void> {
  checkCollectionName(options.collection)
  const { collection, k = null, radius = null, filter = null, json, html, folder } = options
  if (folder !== undefined && html === undefined) {
    throw new AppError('INVALID_REQUEST', 'expected --html beside --folder, got none')
  }
  await withBackend(options, async (backend) => {
    const bytes = await readImageFile(image, backend.maxImageBytes)
    const query = { bytes, k, radius, filter }
    const answer = await withRetries(() => backend.search(collection, query))
    if (html === undefined) {
      printResult(json, answer, () => answerTable(answer))
    } else {
      const matchUris = await urisOfMatches(backend, collection, answer, folder)
      const imageUri = fileUri(bytes)
      await writeFile(html, resultPage({ image, imageUri, collection, answer, matchUris }))
      process.stdout.write(`${html}: ${answer.matches.length} found\n`)
    }
  })
}

/** Writes a row for each match, the nearest first, and a line when there are more. */
export function answerTable(answer: SearchAnswer): string {
  const table = textTable({
    columns: [right('rank'), left('id'), left('label'), right('distance'), right('similarity')],
    rows: answer.matches.map(({ id, distance, similarity, metadata }, i) => [
      String(i + 1),
      id,
      labelText(metadata?.label),
      distance.toFixed(4),
      similarity === undefined ? '-' : similarity.toFixed(4),
    ]),
  })
  return answer.complete ? table : `${table}and more: the answer was cut here\n`
}
