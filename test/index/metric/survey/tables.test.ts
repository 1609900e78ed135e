import { CheckedFixedQueriesArray } from '../../../support/checked-tables.ts'
import { describeMetricIndex } from '../../../support/metric-index-contract.ts'

describeMetricIndex(
  'fixed queries array',
  (metric) => new CheckedFixedQueriesArray({ metric, pivots: 5 }),
)
