export interface RateSchedule {
  readonly rate: number
  readonly steps: number
  /** Steps in which the rate grows to `rate`. */
  readonly warmUpSteps: number
}

/**
 * Linear warm-up, then half a cosine down to 0 after the last step (Loshchilov and Hutter, SGDR,
 * 2017, without restarts).
 * @param step from 0 to `steps` - 1.
 */
export function rateAt(step: number, { rate, steps, warmUpSteps }: RateSchedule): number {
  if (step < warmUpSteps) return (rate * (step + 1)) / warmUpSteps
  const share = (step - warmUpSteps) / Math.max(1, steps - warmUpSteps)
  return (rate * (1 + Math.cos(Math.PI * share))) / 2
}
