import { meanWhere, unitRows } from '../../onnx/autodiff/formulas.ts'
import { gradients } from '../../onnx/autodiff/gradients.ts'
import { GraphBuilder, type Value } from '../../onnx/autodiff/graph-builder.ts'
import { emitStep, type StateTensor } from '../../onnx/autodiff/optimiser.ts'
import { add, mul, reshape } from '../../onnx/autodiff/primitives.ts'
import { afterAll, buildRepeated } from '../../onnx/autodiff/repeated-graph.ts'
import { seededRandom } from '../../vector/random.ts'
import { emitLearners, type Learners } from '../divide/learners.ts'
import { jrdLoss } from '../losses/jrd.ts'
import { emitBoundaries } from '../losses/margin.ts'
import { usesProxies } from '../losses/objective.ts'
import { pairLoss } from '../losses/pair-loss.ts'
import { pairsOf, scaledPairs } from '../losses/pairs.ts'
import { proxyBatch, proxyLoss } from '../losses/proxy.ts'
import {
  type ResolvedTraining,
  resolveTraining,
  type TrainingGraphOptions,
} from './graph-options.ts'
import { emitHead, kaimingNormal } from './head.ts'
import { ParameterSet } from './parameters.ts'
import { type StepInputName, StepInputs } from './step-inputs.ts'

/** A scalar that a step reports. */
type Report = 'loss' | 'objective' | 'jrd' | 'orthogonality' | 'mean distance'

/**
 * Training steps as an ONNX graph (operator set 17): loss, gradients, optimiser. It takes several at
 * once: inputs and reports have a first axis, a slice for each step; the state has none.
 */
export interface TrainingGraph {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly classes: number
  readonly learners: Learners | null
  readonly inputs: readonly { readonly name: StepInputName; readonly dims: readonly number[] }[]
  /** `multiplier` is a factor of the learning rate, by the objective's options. */
  readonly parameters: readonly { readonly name: string; readonly multiplier: number }[]
  /** The parameters, and the state of the optimiser: each step hands them to the next. */
  readonly state: readonly StateTensor[]
  /** `mean distance` is that of the unit embeddings of the batch: near 0 they have collapsed. */
  readonly reports: readonly Report[]
}

/**
 * Builds training steps. It is pure: random values (but for the initial ones, which come of `seed`)
 * and the learning rate are inputs of the graph.
 * @throws TRAINING_INVALID for options that cannot be trained.
 */
export function buildTrainingGraph(options: TrainingGraphOptions): TrainingGraph {
  const training = resolveTraining(options)
  const graph = new GraphBuilder({ precision: options.precision ?? 'float32', prefix: 'step/' })
  const parameters = new ParameterSet(graph)
  const inputs = new StepInputs(graph, options, training)
  const reports = emitLoss(options, training, inputs, parameters)
  const rate = inputs.value('learning rate')
  const values = parameters.all.map(({ value }) => value)
  const slopes = gradients(reports.loss, values)
  const state = emitStep(graph, training.optimiser, rate, parameters.all, slopes)
  for (const [name, value] of Object.entries(reports)) graph.output(name, reshape(value, []))
  const shapes = new Map(parameters.all.map(({ name, value }) => [name, value.dims]))
  const carried = state.map((one) => ({ ...one, dims: shapes.get(one.name) ?? one.dims }))
  return {
    bytes: buildRepeated(graph, `training step of ${training.objective.kind}`, carried),
    classes: options.classes,
    learners: training.learners,
    inputs: inputs.all,
    parameters: parameters.all.map(({ name, multiplier }) => ({ name, multiplier })),
    state: carried.map((one) => ({ ...one, next: afterAll(one.name) })),
    reports: Object.keys(reports) as Report[],
  }
}

type Reports = Partial<Record<Report, Value>> & { readonly loss: Value }

function emitLoss(
  options: TrainingGraphOptions,
  { objective, easyPositives, jrd, learners }: ResolvedTraining,
  inputs: StepInputs,
  parameters: ParameterSet,
): Reports {
  const labels = inputs.value('labels')
  const images = inputs.value('images')
  const features = inputs.value('features')
  const { graph } = labels
  const random = seededRandom(options.seed)
  const { hidden, output } = graph.scope('head', () =>
    emitHead(features, options, parameters, random),
  )
  const view =
    learners &&
    graph.scope('learners', () =>
      emitLearners(learners, (name) => inputs.value(name), options.dimensions, parameters, random),
    )
  const unitOf = view?.unitOf ?? unitRows
  const unit = graph.scope('unit', () => unitOf(output))
  const pairs = graph.scope('unit pairs', () => pairsOf(unit, labels, images, easyPositives))
  const terms: Partial<Record<Report, Value>> = {
    'mean distance': meanWhere(pairs.distances, pairs.others),
  }
  if (usesProxies(objective)) {
    const dims = [options.classes, options.dimensions] as const
    const initial = kaimingNormal(random, ...dims)
    const proxies = parameters.declare('proxies', dims, initial, {
      multiplier: objective.proxyRate,
    })
    const batch = proxyBatch(unit, unitOf(proxies), labels)
    terms.objective = graph.scope(objective.kind, () => proxyLoss(batch, objective))
    if (jrd !== null) {
      // The backbone's own, as in the official code: dropout is nearly all of a distance between
      // dropped-out ones. A hidden layer learns, and is taken as it is.
      const first = options.head.kind === 'linear' ? inputs.value('whole features') : hidden
      const layers = [first, unit, batch.cosines] as const
      const similarity = graph.scope('jrd', () => jrdLoss(layers, pairs.negatives, jrd))
      terms.jrd = mul(similarity, jrd.weight)
    }
  } else {
    const seen = view === null ? output : mul(output, view.mask)
    const raw = 'normalise' in objective ? !objective.normalise : objective.kind === 'n-pairs'
    const ownPairs = raw
      ? graph.scope('raw pairs', () => pairsOf(seen, labels, images, easyPositives))
      : pairs
    const scale = 'scale' in objective ? objective.scale : 1
    const scaled = graph.scope('scaled pairs', () => scaledPairs(ownPairs, scale))
    terms.objective = graph.scope(objective.kind, () =>
      pairLoss(scaled, objective, (margin) => ({
        boundaries: emitBoundaries(margin, labels, options.classes, parameters),
        noise: inputs.value('negative noise'),
        dimensions: view?.dimensions ?? graph.constant([options.dimensions], [1, 1]),
      })),
    )
  }
  if (view?.orthogonality) terms.orthogonality = view.orthogonality
  const parts = [terms.objective, terms.jrd, terms.orthogonality].filter(
    (part) => part !== undefined,
  )
  return { loss: graph.scope('total', () => parts.reduce(add)), ...terms }
}
