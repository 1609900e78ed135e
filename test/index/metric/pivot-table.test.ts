import { PivotTable } from '../../../src/index/metric/pivot-table.ts'
import { describeMetricIndex } from '../../support/metric-index-contract.ts'

describeMetricIndex('pivot table', (metric) => new PivotTable({ metric, pivots: 5 }))
