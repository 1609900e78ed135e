import { asFloat, detach, greater } from './choices.ts'
import type { Value } from './graph-builder.ts'
import {
  add,
  atLeast,
  div,
  exp,
  log,
  matmul,
  max,
  mul,
  sqrt,
  sub,
  sum,
  transpose,
  where,
} from './primitives.ts'

/** The formulas that objectives are written in, made of the primitives. */

/** The floor of what roots are taken of: their slope at 0, which duplicates meet, is infinite. */
const SQUARED_FLOOR = 1e-6
/** Stands for minus infinity in masked maxima; finite, so that no difference of two is NaN. */
export const LOWEST = -1e9
/** Its power of e counts for nothing; e^x of a much lower x takes fifteen times as long. */
const NEGLIGIBLE = -80

/** Takes the root of x, not below 1e-3. */
export function flooredRoot(x: Value): Value {
  return sqrt(atLeast(x, SQUARED_FLOOR))
}

export function square(x: Value): Value {
  return mul(x, x)
}

/** Takes log(1 + e^x), also where e^x overflows; its slope at 0 is one half, as it should be. */
export function softplus(x: Value): Value {
  const top = detach(atLeast(x, 0))
  return add(log(add(exp(mul(top, -1)), exp(sub(x, top)))), top)
}

/** Takes the largest of each row of [n, m] where `mask` holds: [n, 1], about -1e9 where it never does. */
export function maskedMax(x: Value, mask: Value): Value {
  return max(where(mask, x, LOWEST), [1])
}

/** Takes the smallest; about 1e9 where `mask` never holds. */
export function maskedMin(x: Value, mask: Value): Value {
  return mul(max(where(mask, mul(x, -1), LOWEST), [1]), -1)
}

/**
 * Takes the log of the sum of e^x along `axis` where `mask` holds (null: everywhere); about -1e9 where
 * it holds nowhere.
 */
export function logSumExp(x: Value, mask: Value | null, axis = 1): Value {
  const kept = mask === null ? x : where(mask, x, LOWEST)
  const top = detach(max(kept, [axis]))
  return add(log(sum(powersBelow(top, x, mask), [axis])), top)
}

/** Takes log(1 + the sum of e^x) along `axis` where `mask` holds; 0 where it holds nowhere. */
export function logOnePlusSumExp(x: Value, mask: Value, axis = 1): Value {
  const top = detach(atLeast(max(where(mask, x, LOWEST), [axis]), 0))
  return add(log(add(exp(mul(top, -1)), sum(powersBelow(top, x, mask), [axis]))), top)
}

/** Takes e^(x - top) where `mask` holds, and next to nothing elsewhere. */
function powersBelow(top: Value, x: Value, mask: Value | null): Value {
  const below = sub(x, top)
  return exp(mask === null ? below : where(mask, below, NEGLIGIBLE))
}

/** Counts where `mask` holds, [1, 1] of a matrix; a constant to the gradient. */
export function count(mask: Value): Value {
  return sum(asFloat(mask))
}

/** Takes the mean of x where `mask` holds; 0 where it holds nowhere. */
export function meanWhere(x: Value, mask: Value): Value {
  return div(sum(where(mask, x, 0)), atLeast(count(mask), 1))
}

export function meanOfPositive(x: Value): Value {
  return meanWhere(x, greater(x, 0))
}

export function mean(x: Value): Value {
  return mul(sum(x), 1 / x.dims.reduce((product, size) => product * size, 1))
}

/** Makes rows unit; those shorter than 1e-3 stay shorter, and zero stays zero. */
export function unitRows(x: Value): Value {
  return div(x, flooredRoot(sum(square(x), [1])))
}

/** [n, d] -> [n, n] |x_i - x_j|^2, not below 0. */
export function squaredDistances(x: Value): Value {
  const lengths = sum(square(x), [1])
  const products = matmul(x, transpose(x))
  return atLeast(sub(add(lengths, transpose(lengths)), mul(products, 2)), 0)
}

/** [n, d] -> [n, n] |x_i - x_j|, not below 1e-3. */
export function distances(x: Value): Value {
  return flooredRoot(squaredDistances(x))
}
