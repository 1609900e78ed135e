import type {
  ClusteredImages,
  EvaluatedSets,
  MeasuredImages,
} from '../../collection/identities/identity-measures.ts'
import { calibrate } from '../../evaluation/calibrate.ts'
import { clusterRecords } from '../../evaluation/cluster-records.ts'
import { evaluateIdentities } from '../../evaluation/evaluate-identities.ts'
import type { StopSign } from '../../threads/stop-flags.ts'
import { serveThread } from '../../threads/thread-host.ts'
import { matrixOf } from '../../vector/row-matrix.ts'

export type MeasureCalls = typeof calls

interface Calibration {
  readonly images: MeasuredImages
  readonly views: number
  readonly seed: number
}

const calls = {
  calibrate({ images, views, seed }: Calibration, stop: StopSign) {
    const { values, dimensions, space, classes } = images
    const vectors = matrixOf(values, dimensions)
    const check = () => stop.check()
    const pause = async () => check()
    return calibrate({ vectors, classes }, { views, space, seed, pause, check })
  },
  cluster({ values, dimensions, space, radius }: ClusteredImages, stop: StopSign) {
    const vectors = matrixOf(values, dimensions)
    return clusterRecords(vectors, { space, radius, check: () => stop.check() })
  },
  evaluate({ dimensions, space, queries, gallery, ownRows }: EvaluatedSets, stop: StopSign) {
    const vectors = matrixOf(queries.values, dimensions)
    const { classes, cameras } = queries
    const { values, ...rest } = gallery
    return evaluateIdentities(
      { vectors, classes, cameras, ownRows },
      { vectors: matrixOf(values, dimensions), ...rest },
      space,
      () => stop.check(),
    )
  },
}

await serveThread(() => ({ calls }))
