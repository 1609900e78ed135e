import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { failsWith } from '../support/errors.ts'
import { openService, type TestService } from '../support/service.ts'
import { DEFAULT_MODEL, FLOAT_MODEL } from '../support/shipped-models.ts'

const input = [readFileSync('examples/emoji/food-fruit/apple.google.png')]
let service: TestService

before(async () => {
  service = await openService()
})
after(() => service.close())

async function embedded(dimensions: number | null, model = DEFAULT_MODEL): Promise<Float32Array> {
  const request = { model, input, dimensions, unit: null }
  const signal = AbortSignal.timeout(60_000)
  return (await service.embeddings.embed(request, { signal })).vectors[0]!
}

for (const dimensions of [256, 512, 1000]) {
  test(`the first ${dimensions} numbers of the default model are an embedding, scaled to length 1`, async () => {
    const [whole, part] = [await embedded(null), await embedded(dimensions)]
    assert.equal(part.length, dimensions)
    const length = Math.hypot(...whole.subarray(0, dimensions))
    for (const [i, value] of part.entries()) {
      assert.ok(Math.abs(value - whole[i]! / length) < 1e-6, `number ${i}: ${value}`)
    }
  })
}

test('fewer numbers than the model says, and fewer of a model that says nothing, are refused', async () => {
  await assert.rejects(embedded(255), failsWith('INVALID_REQUEST', '256 to 1280', '255'))
  await assert.rejects(embedded(256, FLOAT_MODEL), failsWith('INVALID_REQUEST', '1280', '256'))
})
