import { and, any, asFloat, equal, less } from '../../onnx/autodiff/choices.ts'
import { logOnePlusSumExp, meanWhere } from '../../onnx/autodiff/formulas.ts'
import type { Value } from '../../onnx/autodiff/graph-builder.ts'
import { add, matmul, reshape, sub, sum, transpose, where } from '../../onnx/autodiff/primitives.ts'
import { lengthPenalty } from './lifted.ts'
import type { ObjectiveOf } from './objective.ts'
import type { Pairs } from './pairs.ts'

/**
 * Computes the mean over anchors of log(1 + sum over j of e^(x_i . x_j+ - x_i . x_i+)), + l2 times
 * the mean length. A batch of P x K holds floor(K/2) rounds of the paper's pairs, one pair
 * a class: in the order of the batch, the first image of a class with its second, the third with
 * its fourth. j runs over the other classes' anchors of the same round.
 *
 * With easy positives every image that has a positive is an anchor, paired with its easiest.
 */
export function nPairsLoss(pairs: Pairs, objective: ObjectiveOf<'n-pairs'>): Value {
  const { n, vectors, similarities, negatives } = pairs
  const turn = turnInClass(pairs)
  const partners = pairs.easy ? pairs.positives : nextInClass(pairs, turn)
  const anchors = any(partners, [1])
  // [i, j]: x_i . x_j+
  const towards = matmul(similarities, transpose(asFloat(partners)))
  const own = sum(where(partners, similarities, 0), [1])
  const sameRound = equal(turn, transpose(turn))
  const opponents = and(negatives, sameRound, reshape(anchors, [1, n]))
  const terms = logOnePlusSumExp(sub(towards, own), opponents)
  return add(meanWhere(terms, anchors), lengthPenalty(vectors, objective.l2))
}

/** Counts the images of its class that come before each, [n, 1]. */
function turnInClass({ n, sameClass }: Pairs): Value {
  const { graph } = sameClass
  const places = graph.constant([...Array(n).keys()], [n, 1])
  const before = less(transpose(places), places)
  return sum(asFloat(and(sameClass, before)), [1])
}

/** Marks the pairs in which i has an even turn and j is the next of its class, [n, n] bool. */
function nextInClass({ n, positives }: Pairs, turn: Value): Value {
  const { graph } = positives
  const evens = Array.from({ length: n }, (_, i) => i - (i % 2))
  const even = any(equal(turn, graph.constant(evens, [1, n])), [1])
  return and(positives, equal(add(turn, 1), transpose(turn)), even)
}
