import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createSharpImageDecoder } from '../../src/adapters/sharp-image-decoder.ts'
import { AppError } from '../../src/errors.ts'
import { mapBounded } from '../../src/scheduling/map-bounded.ts'
import { seededRandom } from '../../src/vector/random.ts'
import { ODD_IMAGES } from '../odd-images/all.ts'

const SEED = 14
const DECODES = 600
const AT_ONCE = 16
const decoder = createSharpImageDecoder()
after(() => decoder.close())
const spec = {
  width: 32,
  height: 32,
  resize: 'stretch',
  cropFraction: 1,
  kernel: 'linear',
} as const

test('of 16 broken files at a time each is refused with its own fault', async () => {
  const random = seededRandom(SEED)
  const broken = await Promise.all(
    ODD_IMAGES.filter(({ want }) => want.kind === 'refused').map(async ({ name, make, want }) => {
      return { name, bytes: await make(), says: want.kind === 'refused' ? want.says : '' }
    }),
  )
  const alone = new Map<string, string>()
  for (const { name, bytes } of broken) alone.set(name, await messageFor(bytes))
  const order = Array.from({ length: DECODES }, () => broken[Math.floor(random() * broken.length)]!)
  await mapBounded(order, AT_ONCE, async ({ name, bytes, says }) => {
    const message = await messageFor(bytes)
    assert.ok(message.includes(says), `seed ${SEED}, ${name}: ${message}`)
    assert.equal(message, alone.get(name), `seed ${SEED}, ${name}`)
  })
})

async function messageFor(bytes: Uint8Array): Promise<string> {
  try {
    await decoder.decode(bytes, spec)
  } catch (error) {
    assert.ok(error instanceof AppError, String(error))
    return error.message
  }
  return assert.fail('expected a refusal')
}
