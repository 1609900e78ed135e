import { AppError } from '../../errors.ts'
import { seededRandom } from '../../vector/random.ts'
import type { Collections } from '../collections.ts'
import type { Job } from '../jobs/job.ts'
import type { JobKind } from '../jobs/job-kind.ts'
import type { JobRunner } from '../jobs/job-runner.ts'
import { type Calibration, validCalibration } from './calibration.ts'
import type { IdentityMeasures } from './identity-measures.ts'
import { labelledRecords } from './labelled-records.ts'
import { identityFieldOf } from './subject-views.ts'

/** The input of a calibration, which is stored with its job as JSON. */
export interface CalibrateInput {
  /** Images of each probe, 1 to MAX_PROBE_VIEWS. */
  readonly views: number
  /** Records that are drawn, about. */
  readonly records: number
  readonly seed: number
}

export const MAX_PROBE_VIEWS = 16
export const DEFAULT_CALIBRATED_RECORDS = 4000
export const MAX_CALIBRATED_RECORDS = 10_000

interface Parts {
  readonly collections: Pick<Collections, 'get'>
  readonly measures: IdentityMeasures
  readonly now: () => Date
}

/** Calibrates the distances of a collection by its labelled records, and keeps the result with it. */
export function calibrateCollection({ collections, measures, now }: Parts): JobKind {
  return {
    name: 'calibrate',
    async run(run) {
      const { views, records, seed } = run.input as CalibrateInput
      const collection = collections.get(run.collection!)
      const wanted = { records, random: seededRandom(seed), signal: run.signal }
      const { generation, ...images } = await labelledRecords(collection.engine, wanted)
      run.expect(images.classes.length)
      const result = await measures.calibrate(images, { views, seed }, run.signal)
      const { model } = collection.spec
      const calibratedAt = now().toISOString()
      const calibration = { ...result, generation, model, views, seed, calibratedAt }
      await collection.identities.keepCalibration(calibration)
      run.at(images.classes.length, images.classes.length)
      run.report({
        records: result.records,
        identities: result.identities,
        probes: result.probes,
        best: result.best,
      })
    },
  }
}

/** Starts calibrations, and shows their results. */
export class Calibrations {
  readonly #collections: Pick<Collections, 'get'>
  readonly #jobs: JobRunner

  constructor(parts: { collections: Pick<Collections, 'get'>; jobs: JobRunner }) {
    this.#collections = parts.collections
    this.#jobs = parts.jobs
  }

  /** @throws COLLECTION_NOT_FOUND, COLLECTION_WITHOUT_IDENTITIES, INVALID_REQUEST; what `JobRunner.start` throws. */
  async start(name: string, input: CalibrateInput): Promise<Job> {
    const { spec } = this.#collections.get(name)
    const field = identityFieldOf(spec)
    if (input.records <= input.views) {
      throw new AppError(
        'INVALID_REQUEST',
        `/records: expected more records than the views of a probe, got ${input.records} and ${input.views}`,
      )
    }
    const about = `distances by the field ${field}, ${input.views} views of a probe`
    return await this.#jobs.start({ kind: 'calibrate', collection: name, about, input })
  }

  /** @throws COLLECTION_NOT_FOUND, CALIBRATION_NOT_FOUND, CALIBRATION_OUTDATED. */
  async of(name: string): Promise<Calibration> {
    return validCalibration(await this.#collections.get(name).identities.calibration(), name)
  }
}
