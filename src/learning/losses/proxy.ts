import { any, asFloat, equal, greater, indexRow, not } from '../../onnx/autodiff/choices.ts'
import {
  count,
  flooredRoot,
  logOnePlusSumExp,
  logSumExp,
  mean,
  square,
} from '../../onnx/autodiff/formulas.ts'
import type { Value } from '../../onnx/autodiff/graph-builder.ts'
import {
  add,
  atLeast,
  div,
  matmul,
  mul,
  reshape,
  sub,
  sum,
  transpose,
  where,
} from '../../onnx/autodiff/primitives.ts'
import type { ObjectiveOf, ProxyObjective } from './objective.ts'

/** A batch of n images and C classes, as proxy losses see it. */
interface ProxyBatch {
  /** [n, C] cosines of unit vectors and unit proxies. */
  readonly cosines: Value
  /** [n, C] bool: the class of each image. */
  readonly own: Value
}

/** @param vectors [n, d] unit. @param proxies [C, d] unit. @param labels [n] int64, below C. */
export function proxyBatch(vectors: Value, proxies: Value, labels: Value): ProxyBatch {
  const column = reshape(labels, [vectors.dims[0]!, 1])
  return {
    cosines: matmul(vectors, transpose(proxies)),
    own: equal(column, indexRow(labels, proxies.dims[0]!)),
  }
}

export function proxyLoss({ cosines, own }: ProxyBatch, objective: ProxyObjective): Value {
  switch (objective.kind) {
    case 'am-softmax': {
      const lowered = sub(cosines, mul(asFloat(own), objective.margin))
      return crossEntropy(lowered, own, objective.scale)
    }
    case 'arcface':
      return crossEntropy(arcFaceCosines(cosines, own, objective.margin), own, objective.scale)
    case 'proxy-anchor':
      return proxyAnchorLoss(cosines, own, objective)
  }
}

/**
 * Computes cos(theta + margin) for the own class; beyond pi - margin, where that would rise again,
 * cos theta - margin sin margin.
 */
function arcFaceCosines(cosines: Value, own: Value, margin: number): Value {
  const sines = flooredRoot(sub(cosines.graph.scalar(1), square(cosines)))
  const turned = sub(mul(cosines, Math.cos(margin)), mul(sines, Math.sin(margin)))
  const beyond = sub(cosines, margin * Math.sin(margin))
  const harder = where(greater(cosines, Math.cos(Math.PI - margin)), turned, beyond)
  return where(own, harder, cosines)
}

function crossEntropy(cosines: Value, own: Value, scale: number): Value {
  const logits = mul(cosines, scale)
  const chosen = sum(where(own, logits, 0), [1])
  return mean(sub(logSumExp(logits, null), chosen))
}

/**
 * Computes the mean over the proxies with an image in the batch of log(1 + sum over their images of
 * e^(-alpha (s - delta))) + the mean over all proxies of log(1 + sum over the other images of
 * e^(alpha (s + delta))).
 */
function proxyAnchorLoss(
  cosines: Value,
  own: Value,
  { alpha, delta }: ObjectiveOf<'proxy-anchor'>,
): Value {
  const pull = logOnePlusSumExp(mul(sub(cosines, delta), -alpha), own, 0)
  const push = logOnePlusSumExp(mul(add(cosines, delta), alpha), not(own), 0)
  const present = atLeast(count(any(own, [0])), 1)
  return add(div(sum(pull), present), mean(push))
}
