import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  checkProcessor,
  missingInstructions,
} from '../../../../src/engine/embedded/graph/processor.ts'

const CPUINFO =
  'processor\t: 0\nmodel name\t: A\nflags\t\t: fpu sse2 avx avx2 fma\nbugs\t\t: avx512f\n'

test('the instruction sets that a processor lacks are named, in their order', () => {
  assert.deepEqual(missingInstructions(['avx512f', 'avx2', 'bmi2'], CPUINFO), ['avx512f', 'bmi2'])
})

test('nothing is missing of what a processor has', () => {
  assert.deepEqual(missingInstructions(['avx', 'avx2', 'fma'], CPUINFO), [])
})

test('where no flags are told, nothing is called missing', () => {
  assert.deepEqual(missingInstructions(['avx2'], 'processor\t: 0\n'), [])
})

test('the addon of this build suits this processor', () => {
  assert.doesNotThrow(checkProcessor)
})
