import { checkCollectionName } from '../../engine/collection-spec.ts'
import { AppError } from '../../errors.ts'
import { left, right, textTable } from '../../text-table.ts'
import { type BackendOptions, withContract } from '../backend/backend-options.ts'
import { identityOf, type TypeOptions } from '../identities/identity-options.ts'
import { checkSucceeded, runJob } from '../jobs/follow-job.ts'
import { interruptible, printResult } from '../terminal.ts'

export interface CollectionChoices extends TypeOptions {
  readonly queries?: object
  readonly gallery?: object
  readonly junk?: readonly string[]
}

interface Measures {
  readonly rank1: number
  readonly rank5: number
  readonly rank10: number
  readonly map: number
  readonly minp: number
}

/** The kinds of queries, as the job names them, and in words. */
const KINDS = { single: 'single', multi: 'several views', reranked: 're-ranked' } as const

/** Measures how well a collection finds the same identity again, as a job that it waits for, and prints that. */
export async function evaluateCollection(
  collection: string,
  { queries, gallery, junk, ...type }: CollectionChoices,
  options: BackendOptions & { readonly json?: true },
): Promise<void> {
  const path = ['v1', 'collections', checkCollectionName(collection), 'evaluate']
  const json = { queries, gallery, junk: junk?.map((one) => identityOf(one, type)) }
  await withContract(options, { scope: 'write' }, async ({ client }) => {
    const notice = 'stopping; again to stop at once'
    const job = await interruptible({ notice }, (signal) => runJob(client, { path, json }, signal))
    const { details } = checkSucceeded(job)
    if (details === null) throw new AppError('NOTHING_TO_EVALUATE', 'the job has no measures')
    printResult(options.json, { collection, ...details }, () => {
      return `${collection}\n\n${tableOf(details as Record<string, Measures | null>)}`
    })
  })
}

function tableOf(details: Readonly<Record<string, Measures | null>>): string {
  const titles = ['rank 1', 'rank 5', 'rank 10', 'mAP', 'mINP']
  return textTable({
    columns: [left('queries'), ...titles.map(right)],
    rows: Object.entries(KINDS).flatMap(([kind, words]) => {
      const measures = details[kind]
      if (measures === null || measures === undefined) return []
      const { rank1, rank5, rank10, map, minp } = measures
      return [[words, ...[rank1, rank5, rank10, map, minp].map((value) => value.toFixed(3))]]
    }),
  })
}
