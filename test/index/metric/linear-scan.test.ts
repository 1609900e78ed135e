import { LinearScan } from '../../../src/index/metric/linear-scan.ts'
import { describeMetricIndex } from '../../support/metric-index-contract.ts'

describeMetricIndex('linear scan', (metric) => new LinearScan(metric))
