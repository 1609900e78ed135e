/** The nearest neighbours of each point. */
export interface NeighbourGraph {
  /** The number of neighbours of each point, itself included. */
  readonly k: number
  /** k numbers of points for each point, the nearest first. Where one lacks neighbours it stands in their place. */
  readonly neighbours: Int32Array
  readonly distances: Float32Array
}

/** Port: lays points out so that neighbours are near each other, beside everything else. */
export interface Layouts {
  /** @returns two numbers for each point, the same for the same seed. @throws SHUTTING_DOWN, THREAD_FAILED, what `signal` aborts with. */
  layOut(graph: NeighbourGraph, seed: number, signal: AbortSignal): Promise<Float32Array>
  close(): Promise<void>
}
