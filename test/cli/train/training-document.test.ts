import assert from 'node:assert/strict'
import { test } from 'node:test'
import { trainingDocument } from '../../../src/cli/train/training-document.ts'
import type { TrainingReport } from '../../../src/training/export/training-report.ts'

const measures = { recallAt1: 1, recallAt2: 1, recallAt4: 1, recallAt8: 1 }
const row = { ...measures, rPrecision: 0.5, mapAtR: 0.5, map: 0.5 }
const lift = { mapAtR: 0, interval: [0, 0] as const }
const interval = [0, 1] as const

function head(start: 'pca' | 'whitened', fold: number | null): TrainingReport['heads'][number] {
  return { start, fold, steps: 1, bestStep: 1, curve: [{ step: 0, mapAtR: 0.5, loss: 1 }] }
}

const report: TrainingReport = {
  model: 'made',
  seed: 1,
  objective: 'triplet',
  split: { train: [], validation: [], test: [], folds: [] },
  test: {
    backbone: row,
    pca: row,
    head: row,
    lift,
    winner: { ...row, kind: 'head', lift },
    intervals: { backbone: interval, pca: interval, head: interval, winner: interval },
  },
  heads: [head('pca', 1), head('pca', 2), head('whitened', 1), head('whitened', null)],
  steps: 1,
  seconds: 1,
}

test('the curves of a training have one colour a fold and one stroke a start', () => {
  const { charts } = trainingDocument('base', { report, why: 'so', examples: [] })
  assert.equal(charts.length, 2)
  for (const { series } of charts) {
    assert.deepEqual(
      series.map(({ kind, stroke }) => [kind, stroke]),
      [
        ['fold 1', 'pca'],
        ['fold 2', 'pca'],
        ['fold 1', 'whitened'],
        ['all folds', 'whitened'],
      ],
    )
  }
})
