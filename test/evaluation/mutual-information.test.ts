import { test } from 'node:test'
import { normalisedMutualInformation } from '../../src/evaluation/mutual-information.ts'
import { seededRandom } from '../../src/vector/random.ts'
import { assertClose } from '../support/assert-close.ts'

const nmi = (a: readonly number[], b: readonly number[]) =>
  normalisedMutualInformation(Int32Array.from(a), Int32Array.from(b))

test('a group split in two: I = H(A) = ln 2, H(B) = 1.5 ln 2, so 2 / 2.5', () => {
  assertClose(nmi([0, 0, 1, 1], [0, 0, 1, 2]), 0.8, 'NMI')
})

test('independent groupings share nothing', () => {
  assertClose(nmi([0, 0, 1, 1], [0, 1, 0, 1]), 0, 'NMI')
})

test('the names of groups do not matter', () => {
  assertClose(nmi([0, 0, 1, 2], [7, 7, 3, 5]), 1, 'NMI')
})

test('one group each is the same grouping; one against two shares nothing', () => {
  assertClose(nmi([4, 4], [9, 9]), 1, 'NMI')
  assertClose(nmi([4, 4], [0, 1]), 0, 'NMI')
})

test('equals 2 (H(A) + H(B) - H(A, B)) / (H(A) + H(B)) on random groupings', () => {
  const entropyOf = (names: readonly string[]) =>
    [...new Set(names)].reduce((sum, name) => {
      const share = names.filter((other) => other === name).length / names.length
      return sum - share * Math.log(share)
    }, 0)
  for (const seed of [1, 2, 3]) {
    const random = seededRandom(seed)
    const a = Array.from({ length: 80 }, () => Math.floor(random() * 5))
    const b = a.map((group) => (random() < 0.6 ? group : Math.floor(random() * 7)))
    const [inA, inB] = [entropyOf(a.map(String)), entropyOf(b.map(String))]
    const inBoth = entropyOf(a.map((group, i) => `${group} ${b[i]}`))
    assertClose(nmi(a, b), (2 * (inA + inB - inBoth)) / (inA + inB), `seed ${seed}`)
  }
})
