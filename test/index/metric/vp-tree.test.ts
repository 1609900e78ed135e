import { VpTree } from '../../../src/index/metric/vp-tree.ts'
import { describeMetricIndex } from '../../support/metric-index-contract.ts'

describeMetricIndex('VP-tree', (metric, random) => new VpTree({ metric, random }))
describeMetricIndex(
  'VP-tree with leaves of 2',
  (metric, random) => new VpTree({ metric, random, leafCapacity: 2 }),
)
