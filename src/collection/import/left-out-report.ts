import type { JobRun } from '../jobs/job-kind.ts'
import type { LeftOutItem } from './import-source.ts'

/** The details that the job of an import shows and stores. */
export interface ImportDetails {
  /** The first files that were left out, at most 100; the job's count `leftOut` is of all. */
  readonly leftOut: readonly { readonly item: string; readonly reason: string }[]
}

const MAX_NAMED = 100
const MAX_NAME_LENGTH = 300

/** Makes what counts the files that an import leaves out, and names the first of them in the details of its job. */
export function reportLeftOut(run: JobRun): (file: LeftOutItem) => void {
  let leftOut = (run.details as ImportDetails | null)?.leftOut ?? []
  return ({ id, reason }) => {
    run.count('leftOut')
    if (leftOut.length >= MAX_NAMED) return
    leftOut = [...leftOut, { item: id.slice(0, MAX_NAME_LENGTH), reason }]
    run.report({ leftOut } satisfies ImportDetails)
  }
}
