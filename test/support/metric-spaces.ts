import { editDistance } from '../../src/vector/metric/edit-distance.ts'
import { hamming } from '../../src/vector/metric/hamming.ts'
import { hausdorff } from '../../src/vector/metric/hausdorff.ts'
import type { Metric } from '../../src/vector/metric/metric.ts'
import { euclidean } from '../../src/vector/metric/minkowski.ts'
import { type LabelledTree, treeEditDistance } from '../../src/vector/metric/tree-edit-distance.ts'
import { gaussian, type Random } from '../../src/vector/random.ts'
import { gaussianVectors, HARD_SETS } from './random-vectors.ts'

/** A metric, and objects of one kind to try it on. */
export interface MetricSpace<T> {
  readonly name: string
  readonly metric: Metric<T>
  readonly make: (random: Random, count: number) => T[]
}

/** Uses a space whose objects may be of any kind. */
export type WithSpace = <T>(space: MetricSpace<T>) => void

/** Spaces on which pruning tends to go wrong, handed over one by one. */
export function forEachSpace(use: WithSpace): void {
  for (const [name, make] of Object.entries(HARD_SETS)) {
    for (const dimensions of [2, 19]) {
      use({
        name: `${name} vectors of ${dimensions} numbers`,
        metric: euclidean,
        make: (random, count) => make(random, count, dimensions),
      })
    }
  }
  use({ name: 'vectors on one line', metric: euclidean, make: vectorsOnALine })
  use(fingerprintSpace)
  use(wordSpace)
  use(treeSpace)
  use({ name: 'sets of vectors', metric: hausdorff(euclidean), make: sets })
}

/** On a line the triangle inequality is an equality, so that rounding alone decides. */
export function vectorsOnALine(random: Random, count: number): Float32Array[] {
  const [direction] = gaussianVectors(random, 1, 7)
  return Array.from({ length: count }, () => {
    const along = gaussian(random) * 10 ** (3 * random())
    return direction!.map((value) => value * along)
  })
}

/** Near-duplicates of a few, with up to 6 bits changed. */
export function fingerprints(random: Random, count: number): Uint32Array[] {
  const few = Array.from({ length: Math.ceil(count / 20) }, () => [random(), random()] as const)
  return Array.from({ length: count }, () => {
    const [high, low] = few[Math.floor(random() * few.length)]!
    let bits = (BigInt(Math.floor(high * 2 ** 32)) << 32n) | BigInt(Math.floor(low * 2 ** 32))
    for (let i = Math.floor(random() * 7); i > 0; i--) {
      bits ^= 1n << BigInt(Math.floor(random() * 64))
    }
    return fingerprintWords(bits)
  })
}

const SYLLABLES =
  'ba be bi bo da de di do ka ke ki ko la le li lo ma mi no ra re sa si ta ti to'.split(' ')

/** Made of syllables, with a letter left out here and there. */
export function words(random: Random, count: number): string[] {
  return Array.from({ length: count }, () => {
    const length = 2 + Math.floor(random() * 3)
    const word = Array.from(
      { length },
      () => SYLLABLES[Math.floor(random() * SYLLABLES.length)]!,
    ).join('')
    const cut = random() < 0.3 ? Math.floor(random() * word.length) : word.length
    return word.slice(0, cut) + word.slice(cut + 1)
  })
}

/** One to five views of a subject each. */
export function sets(random: Random, count: number): Float32Array[][] {
  return gaussianVectors(random, count, 3).map((centre) =>
    Array.from({ length: 1 + Math.floor(random() * 5) }, () =>
      centre.map((value) => value + 0.1 * gaussian(random)),
    ),
  )
}

export function tree(label: string, ...children: LabelledTree[]): LabelledTree {
  return { label, children }
}

/** Variants of a few trees of up to 3 levels, with a node relabelled, left out or added here and there. */
export function trees(random: Random, count: number): LabelledTree[] {
  const label = () => 'abcdef'[Math.floor(random() * 6)]!
  const grown = (levels: number): LabelledTree =>
    tree(label(), ...Array.from({ length: levels * random() * 2 }, () => grown(levels - 1)))
  const varied = ({ label: own, children }: LabelledTree): LabelledTree => {
    const below = children.flatMap((child) => (random() < 0.1 ? child.children : [varied(child)]))
    if (random() < 0.1) below.push(tree(label()))
    return { label: random() < 0.15 ? label() : own, children: below }
  }
  const few = Array.from({ length: Math.ceil(count / 20) }, () => grown(3))
  return Array.from({ length: count }, () => varied(few[Math.floor(random() * few.length)]!))
}

export const fingerprintSpace: MetricSpace<Uint32Array> = {
  name: 'fingerprints of 64 bits, Hamming',
  metric: hamming,
  make: fingerprints,
}

export const wordSpace: MetricSpace<string> = {
  name: 'words, edit distance',
  metric: editDistance,
  make: words,
}

export const treeSpace: MetricSpace<LabelledTree> = {
  name: 'labelled trees, tree edit distance',
  metric: treeEditDistance,
  make: trees,
}

/** A 64-bit fingerprint in the words that `hamming` compares: high, low. */
export function fingerprintWords(fingerprint: bigint): Uint32Array {
  return Uint32Array.of(
    Number((fingerprint >> 32n) & 0xffffffffn),
    Number(fingerprint & 0xffffffffn),
  )
}
