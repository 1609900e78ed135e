import { AppError } from '../errors.ts'
import { type RowMatrix, rowOf } from '../vector/row-matrix.ts'
import { distanceFromSquared, type SpaceKind } from '../vector/space.ts'
import { BLOCK_ROWS, DistanceBlock, squaredEuclidean } from '../vector/squared-euclidean.ts'
import { templateOf } from '../vector/template.ts'

/** The distances of two sets by themselves that trials are made of. */
export const TRIAL_DISTANCES = ['nearest', 'mean-nearest', 'template', 'hausdorff'] as const
export type TrialDistance = (typeof TRIAL_DISTANCES)[number]

/** Images of identities, of which each has one or more. */
export interface IdentityImages {
  readonly vectors: RowMatrix
  /** The number of the identity of each row, from 0 without gaps. */
  readonly classes: Int32Array
}

/** What probes, each of some views of one identity, are from their own identity without these views, and from all others. */
export interface Trials {
  readonly identities: number
  /** The identity of each probe. */
  readonly owners: Int32Array
  /** The distance of each probe from its own identity. */
  readonly genuine: Float64Array
  /** For each probe its distance from every other identity, in the order of their numbers. */
  readonly impostors: Float64Array
}

/**
 * Compares probes of `views` images with every identity. The images of an identity make as many probes as they fill, in
 * their order, where at least one is left to compare with.
 *
 * @throws NOTHING_TO_EVALUATE for fewer than two identities, or when none has more than `views` images.
 */
export async function matchTrials(
  { vectors, classes }: IdentityImages,
  {
    views,
    space,
    pause,
  }: { views: number; space: SpaceKind; pause: (done: number, total: number) => Promise<void> },
): Promise<Readonly<Record<TrialDistance, Trials>>> {
  const sets = setsOf(classes)
  const probes = sets.flatMap((rows, owner) => probesOf(rows, views).map((own) => ({ owner, own })))
  if (sets.length < 2 || probes.length === 0) {
    throw new AppError(
      'NOTHING_TO_EVALUATE',
      `expected two identities, and one of more than ${views} records, got ${sets.length} identities and none of so many`,
    )
  }
  const owners = Int32Array.from(probes, ({ owner }) => owner)
  const trials = Object.fromEntries(
    TRIAL_DISTANCES.map((distance) => [
      distance,
      {
        identities: sets.length,
        owners,
        genuine: new Float64Array(probes.length),
        impostors: new Float64Array(probes.length * (sets.length - 1)),
      },
    ]),
  ) as Record<TrialDistance, Trials>
  const templates = sets.map((rows) =>
    templateOf(
      rows.map((row) => rowOf(vectors, row)),
      space,
    ),
  )
  const block = new DistanceBlock(vectors)
  const squared = new Float64Array(Math.ceil(views / BLOCK_ROWS) * BLOCK_ROWS * vectors.count)
  for (const [probe, { owner, own }] of probes.entries()) {
    await pause(probe, probes.length)
    for (let from = 0; from < own.length; from += BLOCK_ROWS) {
      const some = own.slice(from, from + BLOCK_ROWS)
      block.measure(some, vectors, squared.subarray(from * vectors.count))
    }
    const template = templateOf(
      own.map((row) => rowOf(vectors, row)),
      space,
    )
    const rest = sets[owner]!.filter((row) => !own.includes(row))
    const ownTemplate = templateOf(
      rest.map((row) => rowOf(vectors, row)),
      space,
    )
    let at = probe * (sets.length - 1)
    for (const [other, rows] of sets.entries()) {
      const isOwn = other === owner
      const compared = distancesTo(isOwn ? rest : rows, own.length, squared, vectors.count, space)
      const centre = isOwn ? ownTemplate : templates[other]!
      const far = distanceFromSquared(space, squaredEuclidean(template, centre))
      const all = { ...compared, template: far }
      for (const distance of TRIAL_DISTANCES) {
        const { genuine, impostors } = trials[distance]
        if (isOwn) genuine[probe] = all[distance]
        else impostors[at] = all[distance]
      }
      if (!isOwn) at++
    }
  }
  return trials
}

/** Gives the rows of each identity. */
function setsOf(classes: Int32Array): number[][] {
  const sets: number[][] = []
  for (const [row, number] of classes.entries()) {
    sets[number] ??= []
    sets[number]!.push(row)
  }
  return sets
}

function probesOf(rows: readonly number[], views: number): number[][] {
  if (rows.length <= views) return []
  const probes: number[][] = []
  for (let from = 0; from + views <= rows.length; from += views) {
    probes.push(rows.slice(from, from + views))
  }
  return probes
}

/** @param squared distances of each view to each of `count` rows, view after view. */
function distancesTo(
  rows: readonly number[],
  views: number,
  squared: Float64Array,
  count: number,
  space: SpaceKind,
) {
  let [least, sum, worst] = [Number.POSITIVE_INFINITY, 0, 0]
  for (let view = 0; view < views; view++) {
    let nearest = Number.POSITIVE_INFINITY
    for (const row of rows) nearest = Math.min(nearest, squared[view * count + row]!)
    least = Math.min(least, nearest)
    worst = Math.max(worst, nearest)
    sum += distanceFromSquared(space, nearest)
  }
  for (const row of rows) {
    let nearest = Number.POSITIVE_INFINITY
    for (let view = 0; view < views; view++)
      nearest = Math.min(nearest, squared[view * count + row]!)
    worst = Math.max(worst, nearest)
  }
  return {
    nearest: distanceFromSquared(space, least),
    'mean-nearest': sum / views,
    hausdorff: distanceFromSquared(space, worst),
  }
}

/** Gives the distance of each probe from the nearest other identity. */
export function nearestImpostors({ owners, impostors, identities }: Trials): Float64Array {
  const others = identities - 1
  return Float64Array.from(owners, (_, probe) => {
    let least = Number.POSITIVE_INFINITY
    for (let i = probe * others; i < (probe + 1) * others; i++) {
      least = Math.min(least, impostors[i]!)
    }
    return least
  })
}
