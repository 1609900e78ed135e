import { kMeans } from '../../vector/k-means.ts'
import { type Random, seededRandom } from '../../vector/random.ts'
import type { RowMatrix } from '../../vector/row-matrix.ts'
import { type ClassedFeatures, membersOf } from '../classed-features.ts'
import type { HeadTrainer } from '../learning-engine.ts'
import { trainingInvalid } from '../training-invalid.ts'
import { clusterMembers, matchClusters, splitClusters, splitMasks } from './clusters.ts'
import { type DividePlan, dividePlan, phaseOf } from './divide-plan.ts'
import { type Learners, MASKS_PARAMETER } from './learners.ts'

/** The learner whose turn a step is, and the images by class that its batch is drawn from. */
export interface Turn {
  readonly members: readonly (readonly number[])[]
  readonly learner: number | 'all'
  readonly activeLearners: number
}

/** The state that a later run resumes from. Its members are stored on disk. */
export interface DivideState {
  /** The cluster of each image. */
  readonly clusters: Int32Array
  readonly active: number
}

export interface CurriculumOptions {
  readonly learners: Learners
  readonly train: ClassedFeatures
  readonly dimensions: number
  readonly steps: number
  readonly seed: number
}

/** Clusters are often made again, from vectors that hardly moved: one short run is enough. */
const RECLUSTERING = { restarts: 1, maxRounds: 19 }

/**
 * Divides and conquers over a training: it clusters the embedding as it is, 20 times;
 * learners take turns, each on its cluster; then the whole embedding learns on single clusters, and
 * last on all images (see dividePlan). With learnt masks there is one cluster at first.
 * Each time they are made again, each is then split in two, until every learner has one; a child
 * starts with its parent's mask.
 */
export class Curriculum {
  state: DivideState
  readonly #options: CurriculumOptions
  readonly #members: readonly (readonly number[])[]
  readonly #plan: DividePlan

  /**
   * @throws TRAINING_INVALID for more learners than classes, masks that doubling misses, and too few
   * steps.
   */
  constructor(options: CurriculumOptions) {
    const { learners, train, steps } = options
    const classes = train.numbers.names.length
    if (learners.count > classes) {
      const most = `as many learners as the ${classes} classes that are trained`
      throw trainingInvalid(`at most ${most}`, learners.count)
    }
    if (learners.kind === 'masks' && !Number.isInteger(Math.log2(learners.count))) {
      throw trainingInvalid('a number of learnt masks that is a power of 2', learners.count)
    }
    this.#options = options
    this.#members = membersOf(train.numbers)
    this.#plan = dividePlan(learners, steps)
    const clusters = new Int32Array(train.features.count)
    this.state = { clusters, active: learners.kind === 'masks' ? 1 : learners.count }
  }

  /** The step from which batches come from all images. */
  get joinedFrom(): number {
    return this.#plan.joinFrom
  }

  /** Gives the step after `step` up to which turns need nothing of the trainer. */
  turnsKnownTo(step: number): number {
    const { reclusterEvery } = this.#plan
    return (Math.floor(step / reclusterEvery) + 1) * reclusterEvery
  }

  /** Gives the turn of a step; to be called once for each, in order. */
  async turn(step: number, trainer: HeadTrainer): Promise<Turn> {
    const phase = phaseOf(step, this.#plan)
    if (phase.recluster) await this.#recluster(step, trainer)
    const { clusters, active: activeLearners } = this.state
    const parts = Array.from({ length: activeLearners }, (_, learner) => ({
      learner,
      members: clusterMembers(clusters, learner, this.#members),
    })).filter(({ members }) => members.some((images) => images.length > 0))
    const part = parts[step % Math.max(1, parts.length)]
    // Where no cluster holds two images of a class there is nothing to divide.
    if (part === undefined || phase.batches === 'from all') {
      return { members: this.#members, learner: 'all', activeLearners }
    }
    const learner = phase.learner === 'one' ? part.learner : 'all'
    return { members: part.members, learner, activeLearners }
  }

  async #recluster(step: number, trainer: HeadTrainer): Promise<void> {
    const { learners, train, dimensions, seed } = this.#options
    const { active } = this.state
    // One learner of masks begins, before there are several.
    if (learners.kind === 'masks' && step === 0) return
    const random = seededRandom(seed + step)
    const { values, count } = train.features
    const vectors = { values: await trainer.embed(values, count), count, dimensions }
    const clusters = this.#clustersOf(vectors, step, random)
    if (active === learners.count) {
      this.state = { clusters, active }
      return
    }
    const masks = (await trainer.read([MASKS_PARAMETER]))[MASKS_PARAMETER]!
    await trainer.write({ [MASKS_PARAMETER]: splitMasks(masks, dimensions, active) })
    const split = splitClusters(vectors, clusters, active, random)
    this.state = { clusters: split, active: 2 * active }
  }

  /** Makes as many clusters as there are learners by now, named after those that there were. */
  #clustersOf(vectors: RowMatrix, step: number, random: Random): Int32Array {
    const { clusters, active } = this.state
    if (active === 1) return clusters
    const { assignment } = kMeans(vectors, { clusters: active, random, ...RECLUSTERING })
    return step === 0 ? assignment : matchClusters(clusters, assignment, active)
  }
}
