import { CheckedLinearScan } from '../../support/checked-structures.ts'
import { describeMetricIndex } from '../../support/metric-index-contract.ts'

describeMetricIndex('linear scan', (metric) => new CheckedLinearScan(metric))
