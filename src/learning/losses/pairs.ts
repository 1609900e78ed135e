import { and, equal, not, rowArgMax } from '../../onnx/autodiff/choices.ts'
import { distances as distancesOf, LOWEST } from '../../onnx/autodiff/formulas.ts'
import type { Value } from '../../onnx/autodiff/graph-builder.ts'
import { matmul, mul, reshape, transpose, where } from '../../onnx/autodiff/primitives.ts'

/** A batch of n images, as pair losses see it. */
export interface Pairs {
  readonly n: number
  /** [n, d]; unit rows unless the objective wants them as the head gives them. */
  readonly vectors: Value
  /** [n, n] Euclidean distances, not below 1e-3. */
  readonly distances: Value
  /** [n, n] dot products. */
  readonly similarities: Value
  /** [n, n] bool: j is another image of the class of i, no copy; with easy positives the easiest alone. */
  readonly positives: Value
  /** [n, n] bool. */
  readonly negatives: Value
  /** [n, n] bool: of one class, an image with itself and its copies included. */
  readonly sameClass: Value
  /** [n, n] bool: all but an image with itself and its copies. */
  readonly others: Value
  /** Whether each anchor's positives were cut down to the easiest one. */
  readonly easy: boolean
}

/**
 * Emits what pair losses are computed of.
 * @param labels [n] int64.
 * @param images [n] int64: rows with one number are one image, which a batch holds several times
 * where its class has too few. A copy is no positive, as in the official multi-similarity, where it
 * would be the easiest of all.
 * @param easy keeps of every anchor's positives only the nearest in the batch (Levi et al., ICCV
 * 2021), of equally near ones the first.
 */
export function pairsOf(vectors: Value, labels: Value, images: Value, easy: boolean): Pairs {
  const n = vectors.dims[0]!
  const { graph } = vectors
  const near = graph.scope('distances', () => distancesOf(vectors))
  const similarities = graph.scope('similarities', () => matmul(vectors, transpose(vectors)))
  return graph.scope('pairs', () => {
    const equalTo = (x: Value) => equal(reshape(x, [n, 1]), reshape(x, [1, n]))
    const sameClass = equalTo(labels)
    const others = not(equalTo(images))
    const positives = and(sameClass, others)
    const easiest = () => {
      const nearness = where(positives, mul(near, -1), LOWEST)
      return and(rowArgMax(nearness), positives)
    }
    return {
      n,
      vectors,
      distances: near,
      similarities,
      sameClass,
      others,
      easy,
      positives: easy ? graph.scope('easy', easiest) : positives,
      negatives: not(sameClass),
    }
  })
}

/** Gives the pairs of the same vectors times `scale`, with distances floored before. */
export function scaledPairs(pairs: Pairs, scale: number): Pairs {
  if (scale === 1) return pairs
  const { n, vectors, distances, similarities, positives, negatives } = pairs
  const { sameClass, others, easy } = pairs
  return {
    n,
    vectors: mul(vectors, scale),
    distances: mul(distances, scale),
    similarities: mul(similarities, scale * scale),
    positives,
    negatives,
    sameClass,
    others,
    easy,
  }
}
