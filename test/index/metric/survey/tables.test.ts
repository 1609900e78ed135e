import { CheckedAesa, CheckedFixedQueriesArray } from '../../../support/checked-tables.ts'
import { describeMetricIndex } from '../../../support/metric-index-contract.ts'

describeMetricIndex('AESA', (metric) => new CheckedAesa({ metric }))
describeMetricIndex(
  'fixed queries array',
  (metric) => new CheckedFixedQueriesArray({ metric, pivots: 5 }),
)
