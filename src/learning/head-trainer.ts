import type { StepTensor } from './graph/step-tensors.ts'
import type { TrainingGraph } from './graph/training-graph.ts'

/** Port: what runs training graphs, and keeps their state between steps. */
export interface HeadTrainer {
  /** Takes the stacked steps; of each report one number a step. */
  steps(
    inputs: Readonly<Record<string, StepTensor>>,
  ): Promise<Readonly<Record<string, Float32Array>>>
  read(names: readonly string[]): Promise<Readonly<Record<string, Float32Array>>>
  write(values: Readonly<Record<string, Float32Array>>): Promise<void>
  /** Unit rows, by the parameters as they are. */
  embed(features: Float32Array, rows: number): Promise<Float32Array>
  close(): Promise<void>
}

export type OpenTrainer = (
  graph: TrainingGraph,
  embedding: Uint8Array<ArrayBuffer>,
) => Promise<HeadTrainer>
