import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseRecipe, readRecipe } from '../../../src/cli/train/recipe-file.ts'
import { checkRecipe, recipeOf } from '../../../src/learning/recipe.ts'
import { failsWith } from '../../support/errors.ts'

const SHIPPED = 'examples/recipes'

test('every shipped recipe can be trained', async () => {
  const files = readdirSync(SHIPPED)
  assert.equal(files.length, 3)
  for (const file of files) {
    const recipe = await readRecipe(join(SHIPPED, file))
    assert.ok(recipe.objective !== undefined, file)
    checkRecipe(recipeOf(recipe.objective, recipe))
  }
})

test('the first shipped recipe is the default', async () => {
  const recipe = await readRecipe(join(SHIPPED, 'linear.yaml'))
  const standard = recipeOf(recipe.objective!)
  assert.deepEqual(recipeOf(recipe.objective!, recipe), standard)
})

test('YAML and JSON give the same recipe, and short forms their long ones', () => {
  const yaml = 'objective: margin\nhead: mlp\nlearners: 4\njrd: 0.5\neasyPositives: true\n'
  const json = JSON.stringify({
    objective: { kind: 'margin' },
    head: { kind: 'mlp', hidden: 512 },
    learners: { kind: 'slices', count: 4 },
    jrd: { weight: 0.5 },
    easyPositives: true,
  })
  assert.deepEqual(parseRecipe(yaml, 'a.yaml'), parseRecipe(json, 'a.json'))
})

const WRONG: readonly [string, string, ...string[]][] = [
  ['objectve: margin', 'line 1', '"objectve"', 'objective, head'],
  ['# a note\nobjective:\n  kind: margin\n  margn: 0.2', 'line 4', '"objective.margn"', 'boundary'],
  ['objective: margins', 'line 1', '"margins"'],
  ['steps: 10\nobjective: { kind: triplet, margin: -1 }', 'line 2', '-1'],
  ['seed: 1\n\nsteps: none', 'line 3', '"none"'],
  ['head: { kind: mlp, hiden: 3 }', 'line 1', '"head.hiden"', 'hidden'],
  ['starts: [pca, random]', 'line 1', 'whitened'],
  ['views: 0', 'line 1', '64'],
  ['testShare: 1', 'line 1', '0.99'],
  ['learners: { kind: masks, count: 4, masks: 2 }', 'line 1', '"learners.masks"'],
  ['seed: 1\nseed: 2', 'line 2', 'unique'],
  ['- margin', 'line 1', 'members'],
  ['', 'line 1', 'members'],
  ['objective: [', 'line 1'],
]

for (const [text, ...parts] of WRONG) {
  test(`refused with its line: ${JSON.stringify(text)}`, () => {
    assert.throws(
      () => parseRecipe(text, 'my.yaml'),
      failsWith('TRAINING_INVALID', 'my.yaml', ...parts),
    )
  })
}

test('a recipe that is not there is FILE_UNREADABLE', async () => {
  await assert.rejects(readRecipe('examples/none.yaml'), failsWith('FILE_UNREADABLE', 'none.yaml'))
})
