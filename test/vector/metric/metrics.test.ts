import assert from 'node:assert/strict'
import { test } from 'node:test'
import { angular } from '../../../src/vector/metric/angular.ts'
import { TriangleBounds } from '../../../src/vector/metric/bounds.ts'
import { editDistance } from '../../../src/vector/metric/edit-distance.ts'
import { hamming } from '../../../src/vector/metric/hamming.ts'
import { hausdorff } from '../../../src/vector/metric/hausdorff.ts'
import { jaccard } from '../../../src/vector/metric/jaccard.ts'
import type { Metric } from '../../../src/vector/metric/metric.ts'
import { chebyshev, euclidean, manhattan, minkowski } from '../../../src/vector/metric/minkowski.ts'
import { quadraticForm } from '../../../src/vector/metric/quadratic-form.ts'
import { treeEditDistance } from '../../../src/vector/metric/tree-edit-distance.ts'
import { gaussian, type Random, seededRandom } from '../../../src/vector/random.ts'
import { failsWith } from '../../support/errors.ts'
import {
  fingerprints,
  fingerprintWords,
  sets,
  trees,
  vectorsOnALine,
  words,
} from '../../support/metric-spaces.ts'
import { gaussianVectors, HARD_SETS } from '../../support/random-vectors.ts'

const SEED = 11

function near(actual: number, wanted: number, relative = 1e-12): void {
  assert.ok(
    Math.abs(actual - wanted) <= relative * Math.abs(wanted),
    `expected ${wanted}, got ${actual}`,
  )
}

/** Symmetric positive definite, and not diagonal. */
const MATRIX = [
  [4, 1, -2],
  [1, 3, 0.5],
  [-2, 0.5, 5],
]

test('Minkowski distances agree with worked examples', () => {
  const a = Float32Array.of(1, -2, 3)
  const b = Float32Array.of(4, 2, 3)
  assert.equal(manhattan.distance(a, b), 7)
  assert.equal(euclidean.distance(a, b), 5)
  assert.equal(chebyshev.distance(a, b), 4)
  near(minkowski(3).distance(a, b), Math.cbrt(27 + 64))
  near(minkowski(1.5).distance(a, b), (3 ** 1.5 + 8) ** (2 / 3))
  near(minkowski(1e9).distance(a, b), 4)
  assert.equal(minkowski(2), euclidean)
  near(minkowski(10).distance(Float32Array.of(3e38), Float32Array.of(-3e38)), 6e38, 1e-6)
  for (const p of [0.5, Number.NaN]) {
    assert.throws(() => minkowski(p), failsWith('INVALID_REQUEST', 'p'))
  }
})

test('the quadratic form agrees with the product written out', () => {
  const metric = quadraticForm(MATRIX)
  for (const [a, b] of pairs(gaussianVectors(seededRandom(SEED), 20, 3))) {
    const x = a.map((value, i) => value - b[i]!)
    let squared = 0
    for (let i = 0; i < 3; i++)
      for (let j = 0; j < 3; j++) squared += x[i]! * MATRIX[i]![j]! * x[j]!
    near(metric.distance(a, b), Math.sqrt(squared), 1e-6)
  }
})

test('a matrix that is not symmetric positive definite is refused, with the number at fault', () => {
  const wrong: [number[][], string][] = [
    [
      [
        [1, 2],
        [2, 1],
      ],
      'positive definite',
    ],
    [
      [
        [1, 0],
        [0, 0],
      ],
      'positive definite',
    ],
    [
      [
        [1, 0.5],
        [0.25, 1],
      ],
      '0.25',
    ],
    [[[1, 0]], 'row 0'],
    [[], '0'],
    [[[Number.NaN]], 'NaN'],
    [
      [
        [1, 0],
        [0, 1e-24],
      ],
      'well-conditioned',
    ],
  ]
  for (const [matrix, word] of wrong) {
    assert.throws(() => quadraticForm(matrix), failsWith('INVALID_REQUEST', word))
  }
})

test('the angle is right between, near 0 and near pi, whatever the lengths', () => {
  const right = angular.distance(Float32Array.of(2, 0), Float32Array.of(0, 5e-30))
  near(right, Math.PI / 2)
  near(angular.distance(Float32Array.of(1, 0), Float32Array.of(1e10, 10)), 1e-9)
  const straight = angular.distance(Float32Array.of(1, 0), Float32Array.of(-1e10, 10))
  near(Math.PI - straight, 1e-9, 1e-6)
  const [a] = gaussianVectors(seededRandom(SEED), 1, 50)
  assert.equal(angular.distance(a!, a!), 0)
  assert.throws(
    () => angular.distance(a!, new Float32Array(50)),
    failsWith('INVALID_VECTOR', 'direction'),
  )
})

test('Hamming distance counts the bits that differ', () => {
  const random = seededRandom(SEED)
  for (let i = 0; i < 200; i++) {
    const [a, b] = [bits(random), bits(random)]
    const wanted = (a ^ b).toString(2).replaceAll('0', '').length
    assert.equal(hamming.distance(fingerprintWords(a), fingerprintWords(b)), wanted)
  }
  assert.equal(hamming.distance(fingerprintWords(2n ** 64n - 1n), fingerprintWords(0n)), 64)
})

test('Jaccard distance agrees with worked examples', () => {
  assert.equal(jaccard.distance(new Set('abc'), new Set('bcd')), 0.5)
  assert.equal(jaccard.distance(new Set('abc'), new Set('xyz')), 1)
  assert.equal(jaccard.distance(new Set('abc'), new Set('cba')), 0)
  assert.equal(jaccard.distance(new Set(), new Set()), 0)
  assert.equal(jaccard.distance(new Set(), new Set('a')), 1)
})

test('edit distance agrees with the recursive definition', () => {
  for (const [a, b] of pairs(['', 'a', 'abc', ...words(seededRandom(SEED), 40)])) {
    assert.equal(editDistance.distance(a, b), recursive(a, b, new Map()), `${a} ${b}`)
  }
})

test('Hausdorff distance agrees with its definition, and refuses empty sets', () => {
  const metric = hausdorff(euclidean)
  const directed = (a: Float32Array[], b: Float32Array[]) =>
    Math.max(...a.map((x) => Math.min(...b.map((y) => euclidean.distance(x, y)))))
  for (const [a, b] of pairs(sets(seededRandom(SEED), 40))) {
    assert.equal(metric.distance(a, b), Math.max(directed(a, b), directed(b, a)))
  }
  const one = [Float32Array.of(1)]
  assert.throws(() => metric.distance([], one), failsWith('INVALID_REQUEST', 'empty'))
})

test('Hausdorff distance up to a limit is the distance, and beyond it a number beyond it, of fewer comparisons', () => {
  const metric = hausdorff(euclidean)
  let compared = 0
  const counting = hausdorff({
    ...euclidean,
    distance: (a: Float32Array, b: Float32Array) => {
      compared++
      return euclidean.distance(a, b)
    },
  })
  const random = seededRandom(SEED)
  let [whole, limited] = [0, 0]
  for (const [a, b] of pairs(sets(random, 40))) {
    const distance = metric.distance(a, b)
    compared = 0
    counting.distance(a, b)
    whole += compared
    for (const share of [0, random(), 1 - 2 ** -52, 1, 2]) {
      const limit = share * distance
      const said = `seed ${SEED}: ${distance} with limit ${limit}`
      compared = 0
      const found = counting.distance(a, b, limit)
      if (limit < distance) {
        assert.ok(found > limit && found <= distance, `${said} gave ${found}`)
        limited += compared / 3
      } else assert.equal(found, distance, said)
    }
  }
  assert.ok(limited < 0.8 * whole, `seed ${SEED}: ${limited} of ${whole}`)
})

test('vectors of different lengths are refused, not cut', () => {
  const [a, b] = [Float32Array.of(1, 2), Float32Array.of(1, 2, 3)]
  for (const metric of [manhattan, euclidean, chebyshev, minkowski(3), angular]) {
    assert.throws(() => metric.distance(a, b), failsWith('DIMENSION_MISMATCH', '2 and 3'))
  }
})

test('computed distances of every metric stay within the triangle bounds', () => {
  const random = seededRandom(SEED)
  const vectors = Object.values(HARD_SETS).flatMap((make) => make(random, 5, 3))
  const nonZero = vectors.filter((vector) => vector.some((value) => value !== 0))
  for (const metric of [manhattan, euclidean, chebyshev, minkowski(1.1), minkowski(7)]) {
    withinBounds(metric, [...vectors, ...vectorsOnALine(random, 30).map((v) => v.subarray(0, 3))])
  }
  withinBounds(quadraticForm(MATRIX), [
    ...vectors,
    ...vectorsOnALine(random, 30).map((v) => v.subarray(0, 3)),
  ])
  withinBounds(angular, nonZero)
  // Directions in one plane, where angles add up exactly.
  withinBounds(
    angular,
    Array.from({ length: 40 }, () => {
      const angle = random()
      return Float32Array.of(Math.cos(angle), Math.sin(angle)).map((value) => 3 * value)
    }),
  )
  withinBounds(hamming, fingerprints(random, 40))
  withinBounds(editDistance, words(random, 40))
  withinBounds(
    jaccard,
    words(random, 40).map((word) => new Set(word)),
  )
  withinBounds(hausdorff(manhattan), sets(random, 40))
  withinBounds(treeEditDistance, trees(random, 40))
})

test('without slack the triangle inequality of computed distances does fail', () => {
  const random = seededRandom(SEED)
  const objects = vectorsOnALine(random, 60)
  const none = new TriangleBounds({ relative: 0, absolute: 0 })
  let broken = 0
  for (const a of objects) {
    for (const b of objects) {
      for (const c of objects) {
        const [ab, bc, ac] = [a, b, a].map((x, i) => euclidean.distance(x, [b, c, c][i]!))
        if (ac! < none.apart(ab!, bc!)) broken++
      }
    }
  }
  assert.ok(broken > 100, `expected rounding to show, seed ${SEED}: ${broken}`)
})

test('without slack the hyperplane bound of computed distances does fail', () => {
  const random = seededRandom(SEED)
  const none = new TriangleBounds({ relative: 0, absolute: 0 })
  const bounds = new TriangleBounds(euclidean.slack)
  let broken = 0
  for (let round = 0; round < 4000; round++) {
    // Multiples of one vector: o is half way between p and p', and q lies between o and p'. There the bound is an
    // equality, so that rounding alone decides.
    const half = 1 + Math.floor(random() * 500)
    const beyond = Math.floor(random() * half)
    const direction = Float32Array.from({ length: 7 }, () => Math.round(2000 * gaussian(random)))
    const [p, other, o, q] = [0, 2 * half, half, half + beyond].map((times) =>
      direction.map((value) => value * times),
    )
    const [qp, qOther, qo] = [p, other, o].map((x) => euclidean.distance(q!, x!))
    const radius = euclidean.distance(p!, o!)
    assert.ok(radius <= euclidean.distance(other!, o!))
    if (qo! < none.hyperplane(qp!, qOther!, radius)) broken++
    const what = `seed ${SEED}, round ${round}: ${qo}`
    assert.ok(qo! >= bounds.hyperplane(qp!, qOther!, radius), what)
  }
  assert.ok(broken > 100, `expected rounding to show, seed ${SEED}: ${broken}`)
})

/** Every triple of the objects meets the lower and the upper bound, and every four the hyperplane. */
function withinBounds<T>(metric: Metric<T>, objects: readonly T[]): void {
  const bounds = new TriangleBounds(metric.slack)
  const between = objects.map((a) => objects.map((b) => metric.distance(a, b)))
  for (let i = 0; i < objects.length; i++) {
    assert.equal(between[i]![i], 0, metric.name)
    for (let j = 0; j < objects.length; j++) {
      for (let k = 0; k < objects.length; k++) {
        const [ij, jk, ik] = [between[i]![j]!, between[j]![k]!, between[i]![k]!]
        const what = `${metric.name}, seed ${SEED}: ${ij}, ${jk}, ${ik}`
        assert.ok(ik >= bounds.apart(ij, jk), what)
        assert.ok(ik <= bounds.joined(ij, jk), what)
        assert.ok(ik >= bounds.ring(ij, jk, jk), what)
        for (let l = 0; l < objects.length; l++) {
          if (jk > between[l]![k]!) continue
          const hyperplane = bounds.hyperplane(ij, between[i]![l]!, jk)
          if (ik < hyperplane) assert.fail(`${what}: below the hyperplane ${hyperplane} of ${l}`)
        }
      }
    }
  }
}

function pairs<T>(objects: readonly T[]): [T, T][] {
  return objects.flatMap((a, i) => objects.slice(i).map((b): [T, T] => [a, b]))
}

function bits(random: Random): bigint {
  const word = () => BigInt(Math.floor(random() * 2 ** 32))
  return (word() << 32n) | word()
}

function recursive(a: string, b: string, known: Map<string, number>): number {
  if (a === '' || b === '') return a.length + b.length
  const key = `${a.length} ${b.length}`
  const before = known.get(key)
  if (before !== undefined) return before
  const result = Math.min(
    recursive(a.slice(1), b, known) + 1,
    recursive(a, b.slice(1), known) + 1,
    recursive(a.slice(1), b.slice(1), known) + (a[0] === b[0] ? 0 : 1),
  )
  known.set(key, result)
  return result
}
