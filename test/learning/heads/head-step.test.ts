import { test } from 'node:test'
import { rateAt } from '../../../src/learning/heads/head-step.ts'
import { assertClose } from '../../support/assert-close.ts'

const schedule = { rate: 0.8, steps: 14, warmUpSteps: 4 }

test('the rate grows in equal parts, stands at its full value once, then falls as half a cosine', () => {
  const rates = Array.from({ length: 15 }, (_, step) => rateAt(step, schedule))
  for (const [step, wanted] of [0.2, 0.4, 0.6, 0.8, 0.8].entries()) {
    assertClose(rates[step]!, wanted, `step ${step}`)
  }
  // Half way of the fall, and after the last step.
  assertClose(rates[9]!, 0.4, 'step 9')
  assertClose(rates[14]!, 0, 'step 14')
})

test('without a warm-up, and in one step, the rate is the full one', () => {
  assertClose(rateAt(0, { rate: 0.3, steps: 1, warmUpSteps: 0 }), 0.3, 'no warm-up')
  assertClose(rateAt(0, { rate: 0.3, steps: 1, warmUpSteps: 1 }), 0.3, 'one step')
})
