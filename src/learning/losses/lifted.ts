import { and, any } from '../../onnx/autodiff/choices.ts'
import {
  flooredRoot,
  logSumExp,
  mean,
  meanWhere,
  softplus,
  square,
} from '../../onnx/autodiff/formulas.ts'
import type { Value } from '../../onnx/autodiff/graph-builder.ts'
import { add, atLeast, mul, sub, sum, transpose } from '../../onnx/autodiff/primitives.ts'
import type { ObjectiveOf } from './objective.ts'
import type { Pairs } from './pairs.ts'

/**
 * Computes, as the form `structured`, half the mean over positive pairs of [J_ij]+^2 with
 * J_ij = log(sum over negatives k of i of e^(margin - D_ik) + the same of j) + D_ij;
 * as `generalised`, the mean over anchors with both kinds of
 * [log sum over positives of e^D + log sum over negatives of e^(margin - D)]+.
 * Both add l2 times the mean length.
 */
export function liftedLoss(pairs: Pairs, objective: ObjectiveOf<'lifted'>): Value {
  const { distances, positives, negatives, vectors } = pairs
  const repulsion = logSumExp(sub(vectors.graph.scalar(objective.margin), distances), negatives)
  const loss =
    objective.form === 'structured'
      ? structured(pairs, repulsion)
      : meanWhere(
          atLeast(add(logSumExp(distances, positives), repulsion), 0),
          and(any(positives, [1]), any(negatives, [1])),
        )
  return add(loss, lengthPenalty(vectors, objective.l2))
}

function structured({ distances, positives }: Pairs, repulsion: Value): Value {
  const other = transpose(repulsion)
  // log(e^a + e^b) = b + log(1 + e^(a - b))
  const both = add(other, softplus(sub(repulsion, other)))
  return mul(meanWhere(square(atLeast(add(both, distances), 0)), positives), 0.5)
}

/** Computes l2 times the mean length of the vectors, each not below 1e-3. */
export function lengthPenalty(vectors: Value, l2: number): Value {
  return mul(mean(flooredRoot(sum(square(vectors), [1]))), l2)
}
