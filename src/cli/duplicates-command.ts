import type { Command } from 'commander'
import { checkCollectionName } from '../engine/collection-spec.ts'
import { plainLines } from '../text-table.ts'
import { withRetries } from './backend/backend.ts'
import { addBackendOptions, type BackendOptions, withContract } from './backend/backend-options.ts'
import { pagesUpTo } from './backend/pages.ts'
import { choice, integerFrom, nonNegative } from './options.ts'
import { notify, printResult } from './terminal.ts'

interface DuplicatesOptions extends BackendOptions {
  readonly collection: string
  readonly by: string
  readonly radius?: number
  readonly limit: number
  readonly json?: true
}

interface Page {
  readonly groups: readonly { readonly ids: readonly string[]; readonly complete: boolean }[]
  readonly complete: boolean
  readonly cursor: string | null
}

const MAX_GROUPS = 100_000
const PAGE = 100
/** Bits in which two fingerprints of one picture may differ. */
const FINGERPRINT_RADIUS = 4

export function addDuplicatesCommand(program: Command): void {
  const command = program
    .command('duplicates')
    .summary('list groups of records that are the same image, or look alike')
    .description(
      'Lists groups of records that are the same image, or look alike. docs/duplicates.md explains the radius.',
    )
    .requiredOption('--collection <name>', 'where to look')
    .addOption(
      choice('--by <what>', 'what is compared', ['fingerprint', 'embedding']).default(
        'fingerprint',
      ),
    )
    .option(
      '--radius <distance>',
      `inclusive: bits of fingerprints (${FINGERPRINT_RADIUS}), or a distance of embeddings`,
      nonNegative,
    )
    .option('--limit <n>', 'groups at most', integerFrom(1, MAX_GROUPS), 1000)
    .option('--json', 'print them as JSON')
  addBackendOptions(command).action(run)
}

async function run(options: DuplicatesOptions): Promise<void> {
  const { collection, by, limit, json } = options
  const path = ['v1', 'collections', checkCollectionName(collection), 'duplicates']
  const { radius = by === 'fingerprint' ? FINGERPRINT_RADIUS : undefined } = options
  await withContract(options, { scope: 'read' }, async ({ client }) => {
    const { pages, complete } = await pagesUpTo(
      { limit, ofPage: PAGE },
      (page) => {
        const call = { method: 'POST', path, json: { by, radius, ...page } } as const
        return withRetries(() => client.ask<Page>('groups', call))
      },
      (page) => page.groups.length,
    )
    const groups = pages.flatMap((page) => page.groups)
    printResult(json, { groups, complete }, () => {
      const lines = groups.map(
        ({ ids, complete: whole }) => `${ids.join('  ')}${whole ? '' : '  …'}\n`,
      )
      return plainLines(`${collection}: ${groups.length} groups\n${lines.join('')}`)
    })
    if (!complete) notify(`and more: --limit is ${limit}`)
  })
}
