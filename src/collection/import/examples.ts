import type { Metadata } from '../../engine/metadata.ts'
import { AppError } from '../../errors.ts'
import type { Collections } from '../collections.ts'
import { isFinished, type Job } from '../jobs/job.ts'
import type { JobRunner } from '../jobs/job-runner.ts'
import type { FileItem } from './import-source.ts'
import type { WantedMetadata } from './wanted-metadata.ts'

/** The pictures that are shipped with the service. */
export interface ExamplePictures {
  /** Gives 0 where this copy of the service was installed without them. */
  count(): Promise<number>
  /** Walks over them in the order of ids, from behind a position on. */
  after(position: string | null): AsyncIterable<FileItem>
}

/** What there is to add, and where it goes. */
export interface ExamplesStatus {
  readonly collection: string
  readonly pictures: number
  /** The id of a picture that is good to search by first. */
  readonly first: string
}

interface Parts {
  readonly collections: Pick<Collections, 'create'>
  readonly jobs: Pick<JobRunner, 'list' | 'start'>
  readonly pictures: ExamplePictures
}

/** The collection that documents and the demo call so, too. */
const COLLECTION = 'emoji'
const ABOUT = 'the example pictures'
const FIRST = 'transport-ground/taxi.google.png'

/** Adds the shipped pictures to a collection of their own, for who has none at hand. */
export class Examples {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async status(): Promise<ExamplesStatus> {
    const pictures = await this.#parts.pictures.count()
    return { collection: COLLECTION, pictures, first: FIRST }
  }

  /**
   * Makes the collection unless it is there, and starts an import that adds what it lacks. While one is on its way, gives that.
   * @throws EXAMPLES_NOT_FOUND; COLLECTION_DIFFERS where another collection has the name; as `JobRunner.start`.
   */
  async add(): Promise<Job> {
    const { collections, jobs, pictures } = this.#parts
    const count = await pictures.count()
    if (count === 0) {
      const message =
        'expected the example pictures beside the service, got none: it was installed without'
      throw new AppError('EXAMPLES_NOT_FOUND', message)
    }
    await collections.create({
      name: COLLECTION,
      keep: 'thumbnail',
      identityField: 'name',
      fields: ['drawing', 'label'],
    })
    const known = jobs.list().find((job) => job.about === ABOUT && !isFinished(job))
    if (known !== undefined) return known
    const input = { kind: 'examples', pictures: count }
    return await jobs.start({ kind: 'import', collection: COLLECTION, about: ABOUT, input })
  }
}

/** Wants what the path of an example says of it, where the record says nothing: `transport-ground/taxi.google.png`. */
export function exampleMetadata(id: string): WantedMetadata {
  const [, label = '', name = '', drawing = ''] = /^(.+)\/(.+)\.(\w+)\.png$/.exec(id) ?? []
  const said: Metadata = { label, name, drawing }
  return (stored) => ({ ...said, ...stored })
}
