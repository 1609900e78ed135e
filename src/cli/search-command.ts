import { writeFile } from 'node:fs/promises'
import { type Command, Option } from 'commander'
import { MAX_K, type SearchAnswer } from '../collection/requests.ts'
import { checkCollectionName } from '../engine/collection-spec.ts'
import { AppError } from '../errors.ts'
import { answerTable } from './answer-table.ts'
import { filterJson, integerFrom, nonNegative } from './option-values.ts'
import { withRetries } from './retry.ts'
import type { Target } from './target.ts'
import { addTargetOptions, openTarget, type TargetOptions } from './target-options.ts'

interface SearchOptions extends TargetOptions {
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
  addTargetOptions(command).action(run)
}

async function run(image: string, options: SearchOptions): Promise<void> {
  checkCollectionName(options.collection)
  const { readImageFile } = await import('../adapters/image-files.ts')
  const { collection, k, radius, filter, json, html, folder, ...targetOptions } = options
  if (folder !== undefined && html === undefined) {
    throw new AppError('INVALID_REQUEST', 'expected --html beside --folder, got none')
  }
  const target = await openTarget(targetOptions, process.env)
  try {
    const bytes = await readImageFile(image, target.maxImageBytes)
    const query = { bytes, k: k ?? null, radius: radius ?? null, filter: filter ?? null }
    const answer = await withRetries(() => target.search(collection, query))
    if (json === true) {
      process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`)
    } else if (html === undefined) {
      process.stdout.write(answerTable(answer))
    } else {
      await writeFile(html, await pageOf(target, { image, bytes, collection, answer, folder }))
      process.stdout.write(`${html}: ${answer.matches.length} found\n`)
    }
  } finally {
    await target.close()
  }
}

async function pageOf(
  target: Target,
  search: {
    image: string
    bytes: Uint8Array
    collection: string
    answer: SearchAnswer
    folder: string | undefined
  },
): Promise<string> {
  const { matchPictures, pictureOf } = await import('./match-pictures.ts')
  const { resultPage } = await import('./result-page.ts')
  const { image, bytes, collection, answer, folder } = search
  const pictures = await matchPictures(target, { collection, answer, folder: folder ?? null })
  return resultPage({ image, picture: pictureOf(image, bytes), collection, answer, pictures })
}
