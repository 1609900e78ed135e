import assert from 'node:assert/strict'
import { test } from 'node:test'
import { numberClasses } from '../../../src/evaluation/class-numbers.ts'
import { HEAD_PARAMETERS } from '../../../src/learning/graph/head.ts'
import { type HeadTraining, trainHead } from '../../../src/learning/heads/train-head.ts'
import type { HeadTrainer, LearningEngine } from '../../../src/learning/learning-engine.ts'
import { recipeOf } from '../../../src/learning/recipe.ts'

/** Eight images of four classes with six numbers each, and a start that tells its outputs apart. */
const WIDTH = 6
const train = {
  features: { values: new Float32Array(8 * WIDTH).fill(0.4), count: 8, dimensions: WIDTH },
  numbers: numberClasses(['a', 'a', 'b', 'b', 'c', 'c', 'd', 'd']),
}
const start = {
  inputs: WIDTH,
  outputs: WIDTH,
  weight: Float32Array.from({ length: WIDTH * WIDTH }, (_, place) => place % WIDTH),
  bias: Float32Array.from({ length: WIDTH }, (_, place) => place),
}

/** What the session is given before the first step. */
async function writtenBefore(more: Partial<HeadTraining>) {
  const written: Record<string, Float32Array> = {}
  const trainer: HeadTrainer = {
    steps: async () => ({}),
    read: async (names) => Object.fromEntries(names.map((name) => [name, new Float32Array()])),
    write: async (values) => void Object.assign(written, values),
    embed: async () => new Float32Array(),
    close: async () => {},
  }
  const engine = { open: async () => trainer } as unknown as LearningEngine
  const training: HeadTraining = {
    ...recipeOf({ kind: 'multi-similarity' }, { dimensions: WIDTH }, more),
    rate: 1e-3,
    start,
    until: 0,
    resumeFrom: null,
    signal: new AbortController().signal,
    onProgress() {},
    async onCheckpoint() {},
  }
  await trainHead(train, null, training, engine)
  return written
}

test('slices start with the outputs of the start dealt to them in turn, others with it as it is', async () => {
  const sliced = await writtenBefore({ learners: { kind: 'slices', count: 3 } })
  assert.deepEqual([...sliced[HEAD_PARAMETERS.bias]!], [0, 3, 1, 4, 2, 5])
  assert.deepEqual(
    [...sliced[HEAD_PARAMETERS.weight]!.subarray(WIDTH)].slice(0, WIDTH),
    [0, 3, 1, 4, 2, 5],
  )
  for (const learners of [null, { kind: 'masks', count: 2 }] as const) {
    assert.deepEqual(await writtenBefore({ learners }), {
      [HEAD_PARAMETERS.weight]: start.weight,
      [HEAD_PARAMETERS.bias]: start.bias,
    })
  }
})
