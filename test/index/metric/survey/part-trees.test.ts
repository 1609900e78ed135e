import { bisectorTree, hyperplaneTree } from '../../../../src/index/metric/survey/bisector-trees.ts'
import { burkhardKellerTree } from '../../../../src/index/metric/survey/burkhard-keller.ts'
import { dIndex } from '../../../../src/index/metric/survey/d-index.ts'
import { fixedQueriesTree } from '../../../../src/index/metric/survey/fixed-queries-tree.ts'
import { gnat } from '../../../../src/index/metric/survey/gnat.ts'
import { multiWayVpTree } from '../../../../src/index/metric/survey/multi-way-vp-tree.ts'
import { mvpTree } from '../../../../src/index/metric/survey/mvp-tree.ts'
import { spatialApproximationTree } from '../../../../src/index/metric/survey/spatial-approximation-tree.ts'
import { vpForest } from '../../../../src/index/metric/survey/vp-forest.ts'
import { CheckedPartTree } from '../../../support/checked-part-tree.ts'
import { describeMetricIndex } from '../../../support/metric-index-contract.ts'

const STRUCTURES = [
  burkhardKellerTree(2),
  fixedQueriesTree(6, 2),
  multiWayVpTree(3, 4),
  vpForest(30, 4),
  hyperplaneTree(3),
  bisectorTree(3),
  mvpTree(2, 5, 3),
  gnat(4, 4),
  spatialApproximationTree(2),
  dIndex(4, 2, 20),
]

for (const structure of STRUCTURES) {
  describeMetricIndex(structure.name, (metric, random) => {
    return new CheckedPartTree({ metric, random, structure })
  })
}
