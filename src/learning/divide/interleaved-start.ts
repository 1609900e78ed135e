import type { Affine } from '../feature-transform.ts'

/**
 * Deals the outputs of a start to the slices in turn, as cards are dealt: output i goes to slice
 * i mod `slices`. Starts are ordered by variance, so that in contiguous slices the first learner
 * would have all that tells images apart, and the last ones noise.
 */
export function interleavedStart({ weight, bias, inputs, outputs }: Affine, slices: number) {
  const width = outputs / slices
  const sourceOf = (place: number) => (place % width) * slices + Math.floor(place / width)
  const dealt = (row: Float32Array) => row.map((_, place) => row[sourceOf(place)]!)
  const rows = new Float32Array(weight.length)
  for (let from = 0; from < weight.length; from += outputs) {
    rows.set(dealt(weight.subarray(from, from + outputs)), from)
  }
  return { inputs, outputs, weight: rows, bias: dealt(bias) }
}
