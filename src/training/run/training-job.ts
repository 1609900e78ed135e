import type { LocalImportFiles } from '../../adapters/import-sources/local-import-files.ts'
import { ImageEmbedding } from '../../collection/image-embedding.ts'
import type { JobKind, JobRun } from '../../collection/jobs/job-kind.ts'
import type { CollectionsUseCases } from '../../collection/service.ts'
import type { Models } from '../../embedding/models.ts'
import { AppError } from '../../errors.ts'
import type { ImageDecoder } from '../../image/image-decoder.ts'
import type { RightOfWay } from '../../scheduling/right-of-way.ts'
import type { TrainingConfig } from '../context.ts'
import { collectionVectors } from '../data/collection-vectors.ts'
import type { TrainingSource } from '../data/source.ts'
import { NO_DETAILS, type TrainingDetails, withNote, withPoint } from './job-details.ts'
import { trainInThread } from './train-in-thread.ts'
import type { TrainSurroundings } from './train-model.ts'
import type { TrainingInput } from './training-input.ts'

interface Parts {
  readonly config: TrainingConfig
  readonly collections: Pick<CollectionsUseCases, 'get'>
  readonly files: Pick<LocalImportFiles, 'folderPlace' | 'filePlace'>
  readonly models: Models
  readonly decoder: ImageDecoder
  readonly rightOfWay: RightOfWay
}

/** Images between two signs of progress that outlive the process; the cache of features has them already. */
const SAVE_EVERY_IMAGES = 256

/**
 * Trains models as jobs, one at a time, in a thread that gives way to searches; pictures are embedded
 * by the models and decoders of the service, where searches go first.
 */
export class TrainModels implements JobKind {
  readonly name = 'training'
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async run(run: JobRun): Promise<void> {
    const { name, replace, model, from, recipe } = run.input as TrainingInput
    const config = { ...this.#parts.config, model }
    const teller = new Teller(run)
    const source = await this.#source(from, run.signal, teller)
    const request = { source, recipe, name, force: replace }
    const around: TrainSurroundings = {
      ...teller.around,
      signal: run.signal,
      embed: (bytes, signal) => run.retry(() => this.#embed(model, bytes, signal)),
    }
    const { report, refused } = await trainInThread(request, config, around, {
      givesWay: true,
    }).catch((error: unknown) => {
      if (error instanceof AppError) teller.issues(error)
      throw error
    })
    for (const { file, code, detail } of refused) run.refuse(file, new AppError(code, detail))
    await teller.done(report)
  }

  /** A checkpoint stays for whoever asks for the same again. */
  async discard(): Promise<void> {}

  async #source(
    from: TrainingInput['from'],
    signal: AbortSignal,
    teller: Teller,
  ): Promise<TrainingSource> {
    const { collections, files } = this.#parts
    if (from.kind !== 'collection') {
      const place = from.kind === 'csv' ? files.filePlace : files.folderPlace
      const { path, root } = await place.call(files, from.path)
      return { kind: from.kind, path, within: root }
    }
    const collection = collections.get(from.collection)
    const { source, unlabelled } = await collectionVectors(collection, from.field, signal)
    if (unlabelled > 0) {
      teller.around.say(`left out records whose ${from.field} is no label: ${unlabelled}`)
    }
    return source
  }

  async #embed(model: string, bytes: Uint8Array, signal?: AbortSignal): Promise<Float32Array> {
    const embedder = await this.#parts.models.load(model)
    const { decoder, rightOfWay } = this.#parts
    const clock = () => performance.now()
    const parts = { decoder, embedder, clock, rightOfWay, metric: 'cosine' } as const
    const embedding = new ImageEmbedding(parts)
    const how = { thumbnail: false, fingerprint: false, priority: 'bulk' } as const
    return (await embedding.embed(bytes, how, signal)).vector
  }
}

/** Tells a job what its training says. */
class Teller {
  readonly #run: JobRun
  #details: TrainingDetails
  #saved: Promise<void> = Promise.resolve()
  #images = 0

  constructor(run: JobRun) {
    this.#run = run
    this.#details = (run.details as TrainingDetails | null) ?? NO_DETAILS
  }

  readonly around: Omit<TrainSurroundings, 'embed' | 'signal'> = {
    say: (line) => this.#tell(withNote(this.#details, line)),
    onProgress: (progress) => {
      const { head, heads, step, steps } = progress
      this.#run.at((head - 1) * steps + step, heads * steps)
      this.#tell(withPoint(this.#details, progress))
    },
    startProgress: (total) => ({
      update: ({ added, refused }) => {
        this.#run.at(added + refused, total)
        if (added - this.#images < SAVE_EVERY_IMAGES) return
        this.#images = added
        this.#save()
      },
      stop() {},
    }),
    onCheckpoint: () => this.#save(),
  }

  /** The text of an error is short: bad lines of a file are notes beside. */
  issues({ issues }: AppError): void {
    for (const { path, message } of issues) this.around.say(`${path}: ${message}`)
  }

  async done(report: TrainingDetails['report']): Promise<void> {
    this.#tell({ ...this.#details, stage: 'done', report })
    await this.#saved
  }

  #tell(details: TrainingDetails): void {
    this.#details = details
    this.#run.tell(details)
  }

  #save(): void {
    this.#saved = this.#saved.then(() => this.#run.save('under way'))
    // Thrown where it is awaited, at the end.
    this.#saved.catch(() => undefined)
  }
}
