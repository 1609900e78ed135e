import { type Example, examplesOf } from './code-blocks.ts'
import { isNotRun } from './not-run.ts'

/** The documents whose commands tests run one after the other; test/documents has the walks. */
export const WALKED = [
  'README.md',
  'docs/backup.md',
  'docs/clients.md',
  'docs/deletion.md',
  'docs/duplicates.md',
  'docs/errors.md',
  'docs/evaluation.md',
  'docs/http.md',
  'docs/identities.md',
  'docs/jobs.md',
  'docs/learning.md',
  'docs/models.md',
  'docs/planner.md',
  'docs/quickstart.md',
  'docs/reembedding.md',
  'docs/reidentification.md',
  'docs/url-fetch.md',
] as const

/** Gives the examples of a document that a walk runs, in their order. */
export function stepsOf(document: (typeof WALKED)[number]): readonly Example[] {
  return examplesOf(document).filter((example) => example.kind !== 'mention' && !isNotRun(example))
}
