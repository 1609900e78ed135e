import { CheckedVpTree } from '../../support/checked-structures.ts'
import { describeMetricIndex } from '../../support/metric-index-contract.ts'

describeMetricIndex('VP-tree', (metric, random) => new CheckedVpTree({ metric, random }))
describeMetricIndex(
  'VP-tree with leaves of 2',
  (metric, random) => new CheckedVpTree({ metric, random, leafCapacity: 2 }),
)
