import type { RowProducts } from '../vector/row-matrix.ts'
import type { StepTensor } from './graph/step-tensors.ts'
import type { TrainingGraph } from './graph/training-graph.ts'

/** Port: does the large work of learning outside of the caller's thread. */
export interface LearningEngine {
  readonly open: (graph: TrainingGraph, embedding: Uint8Array<ArrayBuffer>) => Promise<HeadTrainer>
  readonly products: RowProducts
}

/** Runs the steps of one training graph and holds its state between them. */
export interface HeadTrainer {
  /** Takes the stacked steps and gives each report, one number a step. */
  steps(
    inputs: Readonly<Record<string, StepTensor>>,
  ): Promise<Readonly<Record<string, Float32Array>>>
  read(names: readonly string[]): Promise<Readonly<Record<string, Float32Array>>>
  write(values: Readonly<Record<string, Float32Array>>): Promise<void>
  /** Gives unit rows, by the parameters as they are. */
  embed(features: Float32Array, rows: number): Promise<Float32Array>
  close(): Promise<void>
}
