import { bisectorTree, hyperplaneTree } from '../../../../src/index/metric/survey/bisector-trees.ts'
import { burkhardKellerTree } from '../../../../src/index/metric/survey/burkhard-keller.ts'
import { fixedQueriesTree } from '../../../../src/index/metric/survey/fixed-queries-tree.ts'
import { gnat } from '../../../../src/index/metric/survey/gnat.ts'
import { multiWayVpTree } from '../../../../src/index/metric/survey/multi-way-vp-tree.ts'
import { spatialApproximationTree } from '../../../../src/index/metric/survey/spatial-approximation-tree.ts'
import { CheckedPartTree } from '../../../support/checked-part-tree.ts'
import { describeMetricIndex } from '../../../support/metric-index-contract.ts'

const STRUCTURES = [
  burkhardKellerTree(2),
  fixedQueriesTree(6, 2),
  multiWayVpTree(3, 4),
  hyperplaneTree(3),
  bisectorTree(3),
  gnat(4, 4),
  spatialApproximationTree(2),
]

for (const structure of STRUCTURES) {
  describeMetricIndex(structure.name, (metric, random) => {
    return new CheckedPartTree({ metric, random, structure })
  })
}
