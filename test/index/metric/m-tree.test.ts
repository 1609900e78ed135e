import { MTree } from '../../../src/index/metric/m-tree.ts'
import { describeMetricIndex } from '../../support/metric-index-contract.ts'

describeMetricIndex('M-tree', (metric, random) => new MTree({ metric, random, capacity: 6 }))
describeMetricIndex(
  'M-tree of even halves',
  (metric, random) => new MTree({ metric, random, capacity: 4, partition: 'balanced' }),
)
describeMetricIndex(
  'PM-tree with slim-down',
  (metric, random) => new MTree({ metric, random, capacity: 8, pivots: 4, slimDown: true }),
)
