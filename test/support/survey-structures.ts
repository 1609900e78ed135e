import type { MetricIndex } from '../../src/index/metric/metric-index.ts'
import { Aesa } from '../../src/index/metric/survey/aesa.ts'
import { bisectorTree, hyperplaneTree } from '../../src/index/metric/survey/bisector-trees.ts'
import { burkhardKellerTree } from '../../src/index/metric/survey/burkhard-keller.ts'
import { dIndex } from '../../src/index/metric/survey/d-index.ts'
import { FixedQueriesArray } from '../../src/index/metric/survey/fixed-queries-array.ts'
import { fixedQueriesTree } from '../../src/index/metric/survey/fixed-queries-tree.ts'
import { gnat } from '../../src/index/metric/survey/gnat.ts'
import type { PartStructure } from '../../src/index/metric/survey/grower.ts'
import { multiWayVpTree } from '../../src/index/metric/survey/multi-way-vp-tree.ts'
import { mvpTree } from '../../src/index/metric/survey/mvp-tree.ts'
import { PartTree } from '../../src/index/metric/survey/part-tree.ts'
import { spatialApproximationTree } from '../../src/index/metric/survey/spatial-approximation-tree.ts'
import { vpForest } from '../../src/index/metric/survey/vp-forest.ts'
import type { Metric } from '../../src/vector/metric/metric.ts'
import type { Random } from '../../src/vector/random.ts'

export type MakeStructure = <T>(metric: Metric<T>, random: Random) => MetricIndex<T>

function parts(structure: PartStructure): MakeStructure {
  return (metric, random) => new PartTree({ metric, random, structure })
}

/** The structures that serve no requests, by their names, as they are where nothing is said of their settings. */
export const SURVEY_STRUCTURES: readonly (readonly [string, MakeStructure])[] = [
  ['Burkhard-Keller tree', parts(burkhardKellerTree())],
  ['fixed queries tree', parts(fixedQueriesTree())],
  ['fixed queries array', (metric) => new FixedQueriesArray({ metric })],
  ['multi-way VP-tree', parts(multiWayVpTree())],
  ['VP-forest', parts(vpForest())],
  ['hyperplane tree', parts(hyperplaneTree())],
  ['bisector tree', parts(bisectorTree())],
  ['MVP-tree', parts(mvpTree())],
  ['GNAT', parts(gnat())],
  ['spatial approximation tree', parts(spatialApproximationTree())],
  ['D-index', parts(dIndex())],
  ['AESA', (metric) => new Aesa({ metric })],
]
