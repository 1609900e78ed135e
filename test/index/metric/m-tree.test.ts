import { CheckedMTree } from '../../support/checked-structures.ts'
import { describeMetricIndex } from '../../support/metric-index-contract.ts'

describeMetricIndex('M-tree', (metric, random) => new CheckedMTree({ metric, random, capacity: 6 }))
describeMetricIndex(
  'M-tree of even halves',
  (metric, random) => new CheckedMTree({ metric, random, capacity: 4, partition: 'balanced' }),
)
describeMetricIndex(
  'PM-tree with slim-down',
  (metric, random) =>
    new CheckedMTree({ metric, random, capacity: 8, pivots: 4, slimDown: 'siblings' }),
)
describeMetricIndex(
  'M-tree of multi-way insertion, slimmed down at all levels',
  (metric, random) =>
    new CheckedMTree({
      metric,
      random,
      capacity: 4,
      pivots: 2,
      insertion: 'multi-way',
      slimDown: 'all-levels',
    }),
)
