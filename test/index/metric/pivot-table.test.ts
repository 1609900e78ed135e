import { CheckedPivotTable } from '../../support/checked-structures.ts'
import { describeMetricIndex } from '../../support/metric-index-contract.ts'

describeMetricIndex('pivot table', (metric) => new CheckedPivotTable({ metric, pivots: 5 }))
