import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dividePlan, divideText, phaseOf } from '../../../src/learning/divide/divide-plan.ts'
import { checkRecipe, recipeOf } from '../../../src/learning/recipe.ts'
import { failsWith } from '../../support/errors.ts'

const SLICES = { kind: 'slices', count: 8 } as const

test('the phases of 200 steps are in the proportion of the paper, for any number of images', () => {
  const plan = dividePlan(SLICES, 200)
  assert.deepEqual(plan, { reclusterEvery: 10, conquerFrom: 80, joinFrom: 190 })
  const apart = { learner: 'one', batches: 'in one cluster' }
  assert.deepEqual(phaseOf(70, plan), { ...apart, recluster: true })
  assert.deepEqual(phaseOf(79, plan), { ...apart, recluster: false })
  const conquering = { learner: 'all', batches: 'in one cluster', recluster: true }
  assert.deepEqual(phaseOf(80, plan), conquering)
  const joined = { learner: 'all', batches: 'from all', recluster: false }
  assert.deepEqual(phaseOf(190, plan), joined)
  const text = divideText(SLICES, 200)
  assert.equal(
    text,
    'of 200 steps 8 learners take 80 in turn, all of them 110 on single clusters and 10 on all images; clusters are made again every 10',
  )
})

test('whatever is planned has a step of its own for each learner, and one on all images', () => {
  let planned = 0
  for (const kind of ['slices', 'masks'] as const) {
    for (const count of [2, 4, 32, 256]) {
      for (let steps = 1; steps < 3000; steps += 7) {
        let plan: ReturnType<typeof dividePlan>
        try {
          plan = dividePlan({ kind, count }, steps)
        } catch {
          continue
        }
        planned += 1
        let active = kind === 'masks' ? 1 : count
        let whole = 0
        for (let step = 0; step < plan.conquerFrom; step++) {
          if (step > 0 && phaseOf(step, plan).recluster) active = Math.min(count, 2 * active)
          if (active === count) whole += 1
        }
        const what = `${kind}, ${count} learners, ${steps} steps`
        assert.ok(whole >= count, `${what}: ${whole} steps with all learners`)
        assert.equal(phaseOf(steps - 1, plan).batches, 'from all', what)
      }
    }
  }
  assert.ok(planned > 1000, `planned ${planned}`)
})

test('too few steps are refused before any image is read, with the least that do', () => {
  const recipe = (steps: number) => recipeOf({ kind: 'margin' }, { learners: SLICES, steps })
  assert.throws(
    () => checkRecipe(recipe(19)),
    failsWith('TRAINING_INVALID', 'at least 20 steps for 8', 'got 19'),
  )
  checkRecipe(recipe(20))
})
