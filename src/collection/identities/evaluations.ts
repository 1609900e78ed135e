import { parseFilter } from '../../engine/filter.ts'
import type { IdentityValue } from '../../engine/identity-value.ts'
import { AppError } from '../../errors.ts'
import type { Collections } from '../collections.ts'
import type { Job } from '../jobs/job.ts'
import type { JobKind } from '../jobs/job-kind.ts'
import type { JobRunner } from '../jobs/job-runner.ts'
import { evaluatedRecords } from './evaluated-records.ts'
import type { IdentityMeasures } from './identity-measures.ts'
import { identityFieldOf } from './subject-views.ts'

/** The input of an evaluation, which is stored with its job as JSON. */
export interface EvaluateInput {
  /** Filters of the records that are asked with and searched, as JSON; null: every record is both. */
  readonly split: { readonly queries: unknown; readonly gallery: unknown } | null
  /** Identities whose records are left out altogether, as pictures of nobody are. */
  readonly junk: readonly IdentityValue[]
  /** Whether records of the query's identity and camera are left out of its ranking. */
  readonly cameras: 'exclude' | 'ignore'
}

interface Parts {
  readonly collections: Pick<Collections, 'get'>
  readonly measures: IdentityMeasures
}

/** Evaluates how well a collection finds the same identity again. The job's details have the measures. */
export function evaluateCollection({ collections, measures }: Parts): JobKind {
  return {
    name: 'evaluate',
    async run(run) {
      const { split, ...how } = run.input as EvaluateInput
      const { engine } = collections.get(run.collection!)
      const filters = split && {
        queries: parseFilter(split.queries),
        gallery: parseFilter(split.gallery),
      }
      const records = await evaluatedRecords(engine, { filters, ...how }, run.signal)
      const total = records.queries.classes.length
      run.expect(total)
      const evaluated = await measures.evaluate(records, run.signal)
      run.at(total, total)
      run.report({
        gallery: records.gallery.classes.length,
        identities: records.identities,
        cameras: records.gallery.cameras === null ? 'ignore' : 'exclude',
        ...evaluated,
      })
    },
  }
}

/** Starts evaluations. */
export class Evaluations {
  readonly #collections: Pick<Collections, 'get'>
  readonly #jobs: JobRunner

  constructor(parts: { collections: Pick<Collections, 'get'>; jobs: JobRunner }) {
    this.#collections = parts.collections
    this.#jobs = parts.jobs
  }

  /** @throws COLLECTION_NOT_FOUND, COLLECTION_WITHOUT_IDENTITIES, INVALID_REQUEST; what `JobRunner.start` throws. */
  async start(name: string, input: Partial<EvaluateInput>): Promise<Job> {
    const { spec } = this.#collections.get(name)
    const field = identityFieldOf(spec)
    if (input.cameras === 'exclude' && spec.cameraField === null) {
      throw new AppError(
        'INVALID_REQUEST',
        `/cameras: expected a collection with a cameraField, got ${name}, which has none`,
      )
    }
    const { split = null, junk = [] } = input
    const cameras = input.cameras ?? (spec.cameraField === null ? 'ignore' : 'exclude')
    const about = `finding the same ${field} again, cameras: ${cameras}`
    const whole: EvaluateInput = { split, junk, cameras }
    return await this.#jobs.start({ kind: 'evaluate', collection: name, about, input: whole })
  }
}
